async def load() -> list[str]:
    return []
