/**
 * Traces of jobs across the queues, sent by OTLP over HTTP. BullMQ makes the spans and carries their context in the jobs; they hold
 * names, ids, counts and durations, as jobs and errors do, and no payload.
 */
import { createRequire } from 'node:module';
import type { Telemetry } from 'bullmq';
import { version } from './version.ts';

export interface Tracing {
  /** For BullMQ's queues, workers and flows. */
  telemetry: Telemetry;
  /** Sends what is gathered, for two seconds at most. */
  close: () => Promise<void>;
}

/** A collector that is away must not hold up a shutdown (ms). */
const closeLimitMs = 2_000;

/**
 * Sets up the tracer of this process; to be called once, before any queue is opened.
 * @param ratio share of new traces that are kept; one that began elsewhere goes on as it was begun
 */
export function openTracing({
  service,
  instance,
  endpoint,
  ratio,
}: {
  service: string;
  instance: string;
  endpoint: string;
  ratio: number;
}): Tracing {
  // Loaded where it is wanted and nowhere else: it takes memory that every process would pay for.
  const load = createRequire(import.meta.url);
  const api = load('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const core = load('@opentelemetry/core') as typeof import('@opentelemetry/core');
  const sdk = load('@opentelemetry/sdk-trace') as typeof import('@opentelemetry/sdk-trace');
  const resources = load('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const hooks = load(
    '@opentelemetry/context-async-hooks',
  ) as typeof import('@opentelemetry/context-async-hooks');
  const otlp = load(
    '@opentelemetry/exporter-trace-otlp-http',
  ) as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const { BullMQOtel } = load('bullmq-otel') as typeof import('bullmq-otel');

  const exporter = new otlp.OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(
      resources.resourceFromAttributes({
        'service.namespace': 'trunkline',
        'service.name': service,
        'service.instance.id': instance,
        'service.version': version,
      }),
    ),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  api.trace.setGlobalTracerProvider(provider);
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  return {
    telemetry: new BullMQOtel({ tracerName: 'trunkline', version }),
    close: async () => {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, closeLimitMs);
      await Promise.race([provider.shutdown().catch(() => {}), limit.promise]);
      clearTimeout(timer);
    },
  };
}
