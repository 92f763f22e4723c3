# One image for web server, daemon and code server; the command chooses.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 DAGSTER_HOME=/var/lib/esl/dagster ESL_HOME=/var/lib/esl

WORKDIR /opt/esl
COPY pyproject.toml constraints.txt README.md dagster.yaml workspace.yaml ./
COPY esl_pipeline ./esl_pipeline
COPY examples ./examples
RUN pip install --constraint constraints.txt . \
    && useradd --system --create-home --home-dir /var/lib/esl esl \
    && mkdir -p "$DAGSTER_HOME" \
    && cp dagster.yaml "$DAGSTER_HOME/dagster.yaml" \
    && chown -R esl:esl /var/lib/esl

USER esl
EXPOSE 3000
CMD ["dagster-webserver", "-h", "0.0.0.0", "-p", "3000", "-w", "workspace.yaml"]
