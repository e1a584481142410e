import type { BenchResult } from './result.ts'
import type { Row } from './row.ts'

/** What runs of different sizes came to, so that they can be shown side by side: `docs/performance.json`. */
export interface Growth {
  runs: RunFigures[]
}

/** One run, as far as it is charted. A null is a side that did not take part. */
export interface RunFigures {
  /** Of the whole run. */
  calls: number
  date: string
  /** By question: calls stored a second, behind so many calls of the kind that the question stores. */
  ingest: Record<string, { stored: number[]; ours: number[]; theirs: number[] }>
  /** By question: median milliseconds of a request. */
  p50: Record<string, { ours: number | null; theirs: number | null }>
}

/** The growth with one run's figures in place of those that a run of the same size had for the same questions. */
export function withRunFigures({ runs }: Growth, result: BenchResult): Growth {
  const calls = result.options.calls + result.options.history
  const before = runs.find((run) => run.calls === calls)
  const run: RunFigures = {
    calls,
    date: result.startedAt.slice(0, 10),
    ingest: { ...before?.ingest, ...ingestOf(result.rows) },
    p50: { ...before?.p50, ...p50Of(result.rows) },
  }
  return { runs: [...runs.filter((other) => other.calls !== calls), run].sort((a, b) => a.calls - b.calls) }
}

function ingestOf(rows: readonly Row[]): RunFigures['ingest'] {
  const grown = rows.filter(({ samples }) => samples.stored !== undefined)
  return Object.fromEntries(
    grown.map(({ question, samples: { stored = [], ours, theirs } }) => [question, { stored, ours, theirs }]),
  )
}

function p50Of(rows: readonly Row[]): RunFigures['p50'] {
  const asked = rows.filter(({ figure, question }) => figure === 'p50 ms' && question.startsWith('list: '))
  return Object.fromEntries(
    asked.map(({ question, ours, theirs }) => [
      question,
      { ours: ours?.median ?? null, theirs: theirs?.median ?? null },
    ]),
  )
}

/** Ingest and the lists' latency against the calls stored, as Mermaid charts; nothing where there is nothing to show. */
export function growthMarkdown({ runs }: Growth): string {
  return [...ingestCharts(runs), ...listCharts(runs)].join('\n\n')
}

/** Of each ingest question the run that stored the most. */
function ingestCharts(runs: readonly RunFigures[]): string[] {
  const questions = [...new Set(runs.flatMap(({ ingest }) => Object.keys(ingest)))]
  return questions.flatMap((question) => {
    const run = runs.findLast(({ ingest }) => (ingest[question]?.stored.length ?? 0) > 1)
    const figures = run?.ingest[question]
    if (run === undefined || figures === undefined) return []
    const title = `calls a second by millions of calls stored, ${run.date}`
    return [chart({ heading: question, title, unit: 'calls/s', at: figures.stored, ...figures })]
  })
}

/** Of each list the runs that asked it, where there are several. */
function listCharts(runs: readonly RunFigures[]): string[] {
  const questions = [...new Set(runs.flatMap(({ p50 }) => Object.keys(p50)))]
  return questions.flatMap((question) => {
    const asked = runs.filter(({ p50 }) => (p50[question]?.ours ?? null) !== null)
    if (asked.length < 2) return []
    const ours = asked.map(({ p50 }) => p50[question]?.ours as number)
    const theirs = asked.map(({ p50 }) => p50[question]?.theirs ?? null)
    const both = theirs.filter((value) => value !== null)
    const title = 'p50 in ms by millions of calls stored'
    return [chart({ heading: question, title, unit: 'ms', at: asked.map(({ calls }) => calls), ours, theirs: both })]
  })
}

/** A chart and, under it, the same figures as text. `theirs` may end before `ours`. */
function chart(given: {
  heading: string
  title: string
  unit: string
  at: readonly number[]
  ours: readonly number[]
  theirs: readonly number[]
}): string {
  const { heading, title, unit, at, ours, theirs } = given
  const millions = at.map((calls) => rounded(calls / 1e6))
  const most = rounded(Math.max(...ours, ...theirs) * 1.1)
  const lines = [ours, theirs].filter((values) => values.length > 0)
  const sides = theirs.length > 0 ? 'first line Calltrail, second PostgreSQL' : 'Calltrail'
  return [
    `**${heading}** (${sides})`,
    '',
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "millions" [${millions.join(', ')}]`,
    `  y-axis "${unit}" 0 --> ${most}`,
    ...lines.map((values) => `  line [${values.map(rounded).join(', ')}]`),
    '```',
  ].join('\n')
}

/** Three digits that count. */
function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
