"""OpenID Connect: the authorization code flow with PKCE. The protocol is Authlib's, the wire aiohttp's."""
