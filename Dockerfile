# One image for web and worker: `feria serve` (the default) or `feria worker`, after `feria migrate up`.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
RUN python -m venv /opt/feria
COPY requirements.lock .
RUN /opt/feria/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY core core
COPY workers workers
COPY modules modules
ENV PATH="/opt/feria/bin:${PATH}"
RUN pip install --no-cache-dir --no-deps --no-build-isolation ./core ./workers ./modules/* \
    && pip uninstall --yes --quiet uv uv_build ruff mypy pytest hypothesis

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/feria --create-home feria
COPY --from=build /opt/feria /opt/feria
COPY plugins.toml /etc/feria/plugins.toml
ENV PATH="/opt/feria/bin:${PATH}" FERIA_PLUGINS=/etc/feria/plugins.toml FERIA_DATA=/var/lib/feria PYTHONUNBUFFERED=1
USER feria
VOLUME /var/lib/feria
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["feria", "serve", "--host", "0.0.0.0", "--port", "8000", "--processes", "2"]
