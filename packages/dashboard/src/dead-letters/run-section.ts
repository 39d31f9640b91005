import type { Pipeline } from '@trunkline/contracts';
import { count, duration } from '@trunkline/overview';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import type { RunState, ShownRun } from './runs.ts';

/** What a decision about all letters of a filter has come to; the page's script asks for it anew while it is under way. */
export function runSection(run: ShownRun, pipeline: Pipeline, visitor: Visitor, now: number): Html {
  const left = html`<a href="/dead-letters/${pipeline}">See what is left.</a>`;
  switch (run.state) {
    case 'running':
      return html`<section id="run" class="card run" data-running aria-label="Under way"><p><b>${doing(run)}</b> ${so(run)} Asked for by ${run.by} ${duration(now - Date.parse(run.startedAt))} ago; it goes on when this page is closed.</p>
<progress${run.total === null ? null : html` value="${Math.min(run.done + run.skipped, run.total)}" max="${Math.max(run.total, 1)}"`} aria-label="${doing(run)}"></progress>
${visitor.role === 'operator' ? html`<form class="actions" method="post" action="/dead-letters/${pipeline}/stop"><button>Stop</button></form>` : null}</section>`;
    case 'cut-short':
      return html`<section id="run" class="card run"><p role="status"><b>Cut short: ${lowered(doing(run))}</b> ${so(run)} The dashboard that carried it out has ended. What is done is done; ask for it again to go on. ${left}</p></section>`;
    case 'ended':
      return html`<section id="run" class="card run"><p role="status"><b>${endOf(run)}: ${lowered(doing(run))}</b> ${so(run)}${run.problem === null ? '' : ` ${run.problem}`} Asked for by ${run.by}. ${left}</p></section>`;
    default:
      return run.state satisfies never;
  }
}

function doing({ action, target }: RunState): string {
  return action === 'requeue' ? `Queueing again ${target}.` : `Discarding ${target}.`;
}

function so({ action, done, skipped, total }: RunState): string {
  const of = total === null ? '' : ` of about ${count(total)}`;
  const rest = skipped === 0 ? '' : ` ${count(skipped)} left as they are: dealt with before, or under way.`;
  return `${count(done)}${of} ${action === 'requeue' ? 'queued again' : 'discarded'}.${rest}`;
}

function endOf({ end, problem }: RunState): string {
  switch (end) {
    case 'stopped':
      return 'Stopped';
    case 'failed':
      return problem === null ? 'Failed unforeseen, see the log' : 'Failed';
    case 'full':
      return 'There are more, do it again';
    default:
      return 'Done';
  }
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
