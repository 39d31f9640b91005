import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TrunklineError } from '@trunkline/contracts';
import { DeadLetterTally, History, readPicture } from '@trunkline/overview';
import type { Component, Service } from '@trunkline/service';
import type { Express } from 'express';
import { createApp } from './app.ts';
import type { DashboardConfig } from './config.ts';
import { carryOut } from './dead-letters/decide.ts';
import { DeadLetterPlaces } from './dead-letters/places.ts';
import { DecisionRuns } from './dead-letters/runs.ts';
import { OverviewFeed } from './overview/feed.ts';
import { Sampler } from './overview/sampler.ts';
import { RedisPulse } from './redis-pulse.ts';

/** How long a count of dead letters by code holds (ms): it reads their entries. */
const tallyMaxAgeMs = 10_000;

/** The dashboard's own HTTP server, apart from the endpoint of /metrics, /livez and /readyz. */
export class DashboardServer implements Component {
  readonly name = 'dashboard-server';
  readonly #service: Service;
  readonly #config: DashboardConfig;
  #server: Server | null = null;
  #feed: OverviewFeed | null = null;
  #sampler: Sampler | null = null;
  #pulse: RedisPulse | null = null;
  #places: DeadLetterPlaces | null = null;
  #runs: DecisionRuns | null = null;

  constructor(service: Service, config: DashboardConfig) {
    this.#service = service;
    this.#config = config;
  }

  /** Where it listens; only after `start`. */
  get url(): string {
    if (this.#server === null) throw new Error('the dashboard has an address only after its start');
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  async start(): Promise<void> {
    const { redis, deployment, log, registry } = this.#service;
    const queue = this.#service.queue.bind(this.#service);
    const { streams, host, port } = this.#config.dashboard;
    const history = new History(redis, deployment);
    const places = new DeadLetterPlaces(this.#config, queue);
    this.#places = places;
    this.#runs = new DecisionRuns(
      redis,
      deployment,
      (decision, by, goesOn) => carryOut(decision, places, by, goesOn),
      log,
    );
    const { auditCounts } = places;
    const tally = new DeadLetterTally(redis, queue, {
      maxAgeMs: tallyMaxAgeMs,
      ...(auditCounts === null ? {} : { audit: auditCounts }),
    });
    const feed = new OverviewFeed(
      () => readPicture({ redis, deployment, streams, queue, deadLetters: tally }),
      history,
    );
    this.#feed = feed;
    this.#pulse = new RedisPulse(redis);
    this.#pulse.start();
    const app = createApp({
      config: this.#config.dashboard,
      deployment,
      redis,
      pulse: this.#pulse,
      queue,
      feed,
      places,
      runs: this.#runs,
      tally,
      log,
      registry,
    });
    this.#sampler = new Sampler({ feed, history, redis, deployment, log });
    this.#sampler.start();
    this.#server = await listen(app, host, port);
    log.info(
      { event: 'dashboard.listening', url: this.url, login: this.#config.dashboard.users !== null },
      `The dashboard is at ${this.url}`,
    );
  }

  /** Ends open pages too: their event streams would hold the server for a minute. */
  async stop(): Promise<void> {
    this.#pulse?.stop();
    this.#sampler?.stop();
    this.#feed?.stop();
    await this.#runs?.[Symbol.asyncDispose]();
    await this.#places?.[Symbol.asyncDispose]();
    const server = this.#server;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

/** @throws TrunklineError CONFIG_INVALID where the address cannot be had */
function listen(app: Express, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, host, (cause) => {
      if (cause === undefined) return resolve(server);
      const code = 'code' in cause ? String(cause.code) : cause.name;
      const message = `The dashboard cannot listen on ${host}, port ${port} (${code}).`;
      const remedy =
        'Set DASHBOARD_HOST to an address of this machine and DASHBOARD_PORT to a free port (0 finds one).';
      reject(new TrunklineError('CONFIG_INVALID', { message, remedy, cause }));
    });
  });
}
