/** The Redis keys of one stream. */
export interface StreamKeys {
  readonly state: string;
  readonly epoch: string;
  readonly lease: string;
  readonly inFlight: string;
  readonly early: string;
}

/**
 * @param pipelinePrefix start of the pipeline's keys, with its hash tag, so that the scripts work on a Redis Cluster
 * @param stream id of the stream: letters, digits, dots, dashes and underscores (it is part of job ids)
 */
export function streamKeys(pipelinePrefix: string, stream: string): StreamKeys {
  const base = `${pipelinePrefix}:stream:${stream}`;
  return {
    state: `${base}:S`,
    epoch: `${base}:E`,
    lease: `${base}:L`,
    inFlight: `${base}:F`,
    early: `${base}:Y`,
  };
}
