import type { AccountSettings } from './account.ts'
import type { Direction, HangupBy, HangupSide } from './call-record.ts'
import { DEFAULTS, type Facts, type Json } from './facts.ts'
import { hangupBy, hangupCode } from './hangup-code.ts'
import { hangupName } from './hangup-codes.ts'
import { countryOf } from './phone.ts'

/** Ten years: no call lasts longer, but a clock that was set can say so. */
const LONGEST_S = 315_360_000

/**
 * Whole seconds of talk: the difference of the whole epoch seconds; 0 when never answered or the clock stepped back, at
 * most ten years.
 */
export function durationS({
  answeredAtUs,
  endedAtUs,
}: {
  answeredAtUs: number | null
  endedAtUs: number | null
}): number {
  if (answeredAtUs === null || endedAtUs === null) return 0
  const seconds = Math.floor(endedAtUs / 1_000_000) - Math.floor(answeredAtUs / 1_000_000)
  return Math.min(Math.max(0, seconds), LONGEST_S)
}

/**
 * What follows from the facts alone, for the paths that no source stated. The result holds derived paths only; money
 * and call types are added by those who know decks and service levels.
 */
export function deriveFacts(facts: Facts, settings: Pick<AccountSettings, 'currency'>): Facts {
  const derived: Facts = {}
  const set = (path: string, value: Json | null) => {
    if (value !== null && facts[path] === undefined) derived[path] = value
  }
  for (const path in DEFAULTS) set(path, DEFAULTS[path] as Json)
  set('from.country', countryOf((facts['from.number'] as string) ?? ''))
  set('to.country', countryOf((facts['to.number'] as string) ?? ''))
  set('quality.postDialDelayMs', postDialDelayMs(facts))
  const endedAtUs = (facts.endedAtUs as number) ?? null
  if (endedAtUs !== null) {
    set('durationS', durationS({ answeredAtUs: (facts.answeredAtUs as number) ?? null, endedAtUs }))
    deriveHangup(facts, set)
  }
  if (MONEY.some((path) => facts[path] !== undefined)) set('cost.currency', settings.currency)
  return derived
}

const MONEY = ['cost.rateNanos', 'cost.amountMicros', 'cost.secureRateNanos', 'cost.cnamRateNanos']

/** Milliseconds from the start to the ringing; null where that is not known, or longer than a day. */
export function postDialDelayMs({ startedAtUs, rangAtUs }: Facts): number | null {
  if (typeof startedAtUs !== 'number' || typeof rangAtUs !== 'number' || rangAtUs < startedAtUs) return null
  const delayMs = Math.round((rangAtUs - startedAtUs) / 1000)
  return delayMs > 86_400_000 ? null : delayMs
}

function deriveHangup(facts: Facts, set: (path: string, value: Json | null) => void): void {
  const direction = (facts.direction as Direction) ?? 'inbound'
  const side = (facts['hangup.side'] as HangupSide) ?? null
  const by = (facts['hangup.by'] as HangupBy) ?? hangupBy({ direction, side })
  set('hangup.by', by)
  const stated = (facts['hangup.code'] as number) ?? null
  const code =
    stated ??
    hangupCode({
      direction,
      answered: facts.answeredAtUs !== undefined,
      side,
      by,
      sipStatus: (facts['hangup.sipStatus'] as number) ?? null,
      q850: (facts['hangup.q850'] as number) ?? null,
    })
  set('hangup.code', code)
  if (code !== null) set('hangup.name', hangupName(code))
}
