import { formatRfc3339, readTime } from '../../record/time.ts'
import type { JsonCdr } from './json-cdr.ts'

/** The four times of a leg as RFC 3339; null is "did not happen". */
export type LegTimes = Record<'started_at' | 'rang_at' | 'answered_at' | 'ended_at', string | null>

/**
 * Reads `start_uepoch` and its kin, epoch microseconds. A leg without a start or an end, or with an answer that is no
 * time, is refused by the variable's name: its length could only be guessed. A bad ringing time is just not known.
 */
export function readLegTimes(cdr: JsonCdr): LegTimes | { bad: string; missing: boolean } {
  const [startedAtUs, answeredAtUs, endedAtUs] = ['start', 'answer', 'end'].map((event) => timeOf(cdr, event))
  for (const [event, timeUs] of Object.entries({ start: startedAtUs, end: endedAtUs, answer: answeredAtUs })) {
    const missing = timeUs === null && event !== 'answer'
    if (missing || timeUs === 'bad') return { bad: `variables.${event}_uepoch`, missing }
  }
  const rangAtUs = known(timeOf(cdr, 'progress')) ?? earlyMediaAtUs(cdr, known(answeredAtUs))
  return {
    started_at: written(known(startedAtUs)),
    rang_at: written(rangAtUs),
    answered_at: written(known(answeredAtUs)),
    ended_at: written(known(endedAtUs)),
  }
}

/** Early media rings as a 180 does; media that began with the answer does not. */
function earlyMediaAtUs(cdr: JsonCdr, answeredAtUs: number | null): number | null {
  const mediaAtUs = known(timeOf(cdr, 'progress_media'))
  return mediaAtUs !== null && (answeredAtUs === null || mediaAtUs < answeredAtUs) ? mediaAtUs : null
}

/** Null is never: FreeSWITCH writes `answer_uepoch` 0, not nothing, for a leg that was not answered. */
function timeOf(cdr: JsonCdr, event: string): number | null | 'bad' {
  const text = cdr.variable(`${event}_uepoch`) ?? cdr.variable(`${event}_epoch`)
  if (text === null || /^0+$/.test(text)) return null
  if (!/^\d{9,16}$/.test(text)) return 'bad'
  return readTime(text, 'UTC') ?? 'bad'
}

function known(timeUs: number | null | 'bad' | undefined): number | null {
  return typeof timeUs === 'number' ? timeUs : null
}

function written(timeUs: number | null): string | null {
  return timeUs === null ? null : formatRfc3339(timeUs)
}
