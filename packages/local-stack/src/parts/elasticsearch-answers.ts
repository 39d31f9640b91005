/**
 * Why no Elasticsearch answers at `url` (yellow or better); `null` when one does. Names no credentials.
 *
 * Asks `_cluster/health`: the distribution that is downloaded has no `GET /`.
 */
export async function elasticsearchTrouble(url: string): Promise<string | null> {
  try {
    const address = new URL(url);
    const credentials =
      address.username === ''
        ? null
        : `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
    // fetch refuses addresses that carry credentials.
    address.username = '';
    address.password = '';
    const base = address.href.endsWith('/') ? address.href : `${address.href}/`;
    const answer = await fetch(new URL('_cluster/health?wait_for_status=yellow&timeout=1s', base), {
      headers:
        credentials === null ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      signal: AbortSignal.timeout(4_000),
    });
    const body = (await answer.json()) as { status?: unknown };
    // 408 is the answer to a status that was not reached in time; 401 needs credentials that only a process has.
    if (answer.status === 401 || answer.status === 403) return null;
    if (answer.status !== 200) return `it answers ${answer.status}`;
    return body.status === 'yellow' || body.status === 'green'
      ? null
      : `its status is ${String(body.status)}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? cause.message || message : message;
  }
}

export async function elasticsearchAnswers(url: string): Promise<boolean> {
  return (await elasticsearchTrouble(url)) === null;
}
