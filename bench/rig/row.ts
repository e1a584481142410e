import { type Spread, spreadOf } from './spread.ts'

/** A bar that a figure should clear: on its own, or beside PostgreSQL's. */
export type Budget = { atLeast: number } | { atMost: number } | { timesPostgres: number }

/** One thing that a question measures. */
export interface Figure {
  /** `requests/s`, `p50 ms`: the name with its unit. */
  name: string
  better: 'more' | 'less'
  budgets: readonly Budget[]
  /** False for what says nothing beside PostgreSQL's: it has no ratio. */
  compared?: boolean
}

/** Figure name -> a value for each round. */
export type Samples = Record<string, number[]>

/** The samples of a question from each side; `theirs` is null without PostgreSQL. */
export interface BothSamples {
  ours: Samples
  theirs: Samples | null
  /** Where the calls grew from sample to sample: how many were stored behind each. */
  stored?: number[]
}

/** A line of the table. */
export interface Row {
  question: string
  /** What the question was asked of, such as `33,000 calls in the window`. */
  of: string
  figure: string
  ours: Spread | null
  theirs: Spread | null
  /** How many times better we are than PostgreSQL, by the medians; under 1 is worse. */
  ratio: number | null
  /** Each budget in words, and whether it was met; null where it could not be told. */
  budgets: { text: string; met: boolean | null }[]
  samples: { ours: number[]; theirs: number[]; stored?: number[] }
}

/** The lines of one question. */
export function rowsOf(
  given: { question: string; of: string; figures: readonly Figure[] },
  { ours, theirs, stored }: BothSamples,
): Row[] {
  return given.figures.map((figure) => {
    const samples = { ours: ours[figure.name] ?? [], theirs: theirs?.[figure.name] ?? [] }
    const our = spreadOf(samples.ours)
    const their = spreadOf(samples.theirs)
    const ratio = our && their && figure.compared !== false ? timesBetter(figure, our.median, their.median) : null
    return {
      question: given.question,
      of: given.of,
      figure: figure.name,
      ours: our,
      theirs: their,
      ratio,
      budgets: figure.budgets.map((budget) => ({
        text: budgetText(budget, figure),
        met: met(budget, our?.median ?? null, ratio),
      })),
      samples: stored === undefined ? samples : { ...samples, stored },
    }
  })
}

function timesBetter({ better }: Figure, ours: number, theirs: number): number {
  return better === 'more' ? ours / theirs : theirs / ours
}

function met(budget: Budget, ours: number | null, ratio: number | null): boolean | null {
  if ('timesPostgres' in budget) return ratio === null ? null : ratio >= budget.timesPostgres
  if (ours === null) return null
  return 'atLeast' in budget ? ours >= budget.atLeast : ours <= budget.atMost
}

function budgetText(budget: Budget, { name }: Figure): string {
  const unit = name.split(' ').at(-1) ?? ''
  if ('timesPostgres' in budget) return `>= ${budget.timesPostgres}x`
  if ('atLeast' in budget) return `>= ${budget.atLeast.toLocaleString('en')} ${unit}`
  return `<= ${budget.atMost.toLocaleString('en')} ${unit}`
}
