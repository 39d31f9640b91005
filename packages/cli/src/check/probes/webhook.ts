import { TrunklineError } from '@trunkline/contracts';
import { publicLookup, requirePublicHost } from '@trunkline/service';
import { Agent, request } from 'undici';
import { ok, type Probe, unused, wrong } from '../probe.ts';

const timeoutMs = 10_000;

/** Whether the webhook's address is allowed and answers: a HEAD request, which tells it of nothing. */
export function webhookProbe(
  { url, allowPrivate }: { url: string | null; allowPrivate: boolean },
  needs: readonly string[],
): Probe {
  return {
    name: 'webhook',
    needs,
    attempt: async (signal) => {
      if (url === null) return unused('EVENT_BRIDGE_URL is not set: nobody is told of archived windows');
      if (!allowPrivate) requirePublicHost(new URL(url));
      const connect = allowPrivate ? { timeout: timeoutMs } : { timeout: timeoutMs, lookup: publicLookup };
      const agent = new Agent({ connect, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
      try {
        const { statusCode } = await request(url, { method: 'HEAD', dispatcher: agent, signal });
        return ok(`answers (${statusCode} to a HEAD request; events are posted)`);
      } catch (error) {
        const ours = causes(error).find((cause) => cause instanceof TrunklineError);
        if (ours !== undefined) throw ours;
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
        return wrong(
          `The webhook of EVENT_BRIDGE_URL cannot be reached (${code}).`,
          'Check EVENT_BRIDGE_URL, the receiver, and the network between.',
        );
      } finally {
        await agent.destroy();
      }
    },
  };
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}
