# One image for web and worker: `feria serve` (the default) or `feria worker`, after `feria migrate up`.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
# The profile of the distribution `feria`: shop, site or all.
ARG PROFILE=all
WORKDIR /src
RUN python -m venv /opt/tools && python -m venv /opt/feria
COPY requirements.lock .
RUN /opt/tools/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY LICENSE .
COPY tools tools
COPY feria feria
COPY core core
COPY workers workers
COPY modules modules
RUN PATH="/opt/tools/bin:${PATH}" pip install --no-deps --no-build-isolation ./feria ./core ./workers ./modules/* \
    && /opt/tools/bin/python tools/wheels.py /wheels
# The libraries as locked, then Feria from its wheels alone; no tool of ours gets into the image.
RUN /opt/feria/bin/pip install --no-cache-dir --require-hashes --requirement "/wheels/requirements-${PROFILE}.txt" \
    && /opt/feria/bin/pip install --no-cache-dir --no-index --find-links /wheels "feria[${PROFILE}]"

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
