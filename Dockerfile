# Services of Runbeat: `docker run runbeat scheduler|worker|exporter|migrate`. The Grafana plugin (dist/) is not in here.

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=optional --no-audit --no-fund
COPY . .
RUN npm run build:services

FROM node:20-slim AS production-modules
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL (optional packages) has no place beside a real one.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

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
