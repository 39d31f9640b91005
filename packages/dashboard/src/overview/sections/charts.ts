import {
  auditInUse,
  count,
  duration,
  increases,
  levels,
  type Range,
  ranges,
  rate,
  rates,
  resolutions,
  type Sample,
} from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { type ChartFrame, chart, niceTime } from '../chart.ts';
import type { OverviewState } from '../feed.ts';

const rangeWords: Readonly<Record<Range, string>> = { '1h': 'hour', '6h': '6 hours', '24h': '24 hours' };

/** What is drawn ends at the last whole interval, so that a chart changes only when a sample is new. */
export function chartsSection({ picture }: OverviewState, samples: readonly Sample[], range: Range): Html {
  const inUse = picture !== null && auditInUse(picture);
  const { intervalMs, points } = resolutions[range];
  const to = samples.at(-1)?.at ?? picture?.takenAt ?? 0;
  const frame = (id: string, title: string, unit: string, say: ChartFrame['say']): ChartFrame => ({
    id,
    title,
    unit,
    say,
    from: to - intervalMs * points,
    to,
  });
  const perSecond = (value: number): string => `${rate(value)}/s`;
  return html`<section id="charts" class="charts" aria-labelledby="charts-title"${picture === null ? html` hidden` : null}>
<header class="row"><h2 id="charts-title">The last ${rangeWords[range]}</h2><nav class="switch" aria-label="Range of the charts">${ranges.map((one) => html`<a href="/?range=${one}"${one === range ? html` aria-current="true"` : null}>${one}</a>`)}</nav></header>
<div class="grid three">
${
  inUse
    ? [
        chart(frame('chart-throughput', 'Throughput', '/s', perSecond), [
          {
            name: 'Indexed',
            points: rates(samples, 'indexed', intervalMs),
            form: 'area',
            tone: 'accent',
            sum: 'mean',
          },
          {
            name: 'Received',
            points: rates(samples, 'received', intervalMs),
            form: 'dashed',
            tone: 'soft',
            sum: 'mean',
          },
        ]),
        chart(
          {
            ...frame('chart-lag', 'Lag', 's', (value) => (value === 0 ? '0 s' : duration(value * 1_000))),
            top: niceTime,
          },
          [
            {
              name: 'Lag',
              points: levels(samples, 'lagSeconds', intervalMs),
              form: 'area',
              tone: 'accent',
              sum: 'highest',
            },
          ],
        ),
      ]
    : chart(frame('chart-throughput', 'Conversations archived', '/s', perSecond), [
        {
          name: 'Conversations',
          points: rates(samples, 'conversations', intervalMs),
          form: 'area',
          tone: 'accent',
          sum: 'mean',
        },
      ])
}
${chart(frame('chart-failures', 'Failures', '', count), [
  {
    name: 'Jobs that stand failed',
    points: levels(samples, 'failed', intervalMs),
    form: 'dashed',
    tone: 'soft',
    sum: 'highest',
  },
  {
    name: 'New dead letters',
    points: increases(samples, 'deadLettered', intervalMs),
    form: 'bars',
    tone: 'look',
    sum: 'total',
  },
])}
</div></section>`;
}
