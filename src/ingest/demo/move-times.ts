import { formatRfc3339, readTime } from '../../record/time.ts'
import type { Conversation } from './load-conversations.ts'

type Body = Record<string, unknown>

/** When the moved call begins, epoch microseconds, and how long it rings and talks. */
export interface NewTimes {
  startUs: number
  ringUs: number
  talkUs: number
}

const FIELDS = ['started_at', 'rang_at', 'answered_at', 'ended_at', 'reported_at'] as const
const ENDS = new Set<string>(['ended_at', 'reported_at'])

/**
 * The legs of a conversation with other times: the span up to the answer stretched to `ringUs`, the span after it to
 * `talkUs`, every leg alike, so that the order of all that happened stays. Packet counts grow with the talk, because
 * they follow from it; MOS, loss, jitter and round trip stay as they were measured.
 */
export function moveTimes({ legs, source }: Conversation, times: NewTimes): Body[] {
  const [primary] = legs as [Body]
  const startUs = timeOf(primary.started_at) as number
  const endUs = timeOf(primary.ended_at) as number
  const answerUs = timeOf(primary.answered_at) ?? endUs
  const ring = stretch(answerUs - startUs, times.ringUs)
  const talk = stretch(endUs - answerUs, times.talkUs)
  const move = (timeUs: number) => {
    const ringsUs = Math.min(timeUs, answerUs) - startUs
    const talksUs = Math.max(0, timeUs - answerUs)
    const movedUs = times.startUs + ring(ringsUs) + talk(talksUs)
    // Asterisk's CDRs have whole seconds.
    return source === 'demo-asterisk' ? Math.floor(movedUs / 1_000_000) * 1_000_000 : Math.round(movedUs)
  }
  const growth = endUs > answerUs ? times.talkUs / (endUs - answerUs) : 1
  return legs.map((leg) => {
    const moved = FIELDS.map((name) => {
      const timeUs = timeOf(leg[name])
      // A refusal that took no time in the capture takes `ringUs` from its start to its end.
      const movedUs =
        endUs === startUs && ENDS.has(name) ? times.startUs + times.ringUs : timeUs === null ? null : move(timeUs)
      return [name, movedUs === null ? null : formatRfc3339(Math.round(movedUs))]
    })
    return { ...leg, ...Object.fromEntries(moved), quality: grown(leg.quality as Body | null | undefined, growth) }
  })
}

/** A span of no length, as of a call answered at once, has none afterwards either. */
function stretch(spanUs: number, newUs: number): (offsetUs: number) => number {
  return (offsetUs) => (spanUs > 0 ? (offsetUs / spanUs) * newUs : offsetUs)
}

function timeOf(value: unknown): number | null {
  return typeof value === 'string' ? readTime(value, 'UTC') : null
}

function grown(quality: Body | null | undefined, growth: number): Body | null {
  if (quality == null || !Array.isArray(quality.streams)) return quality ?? null
  const count = (packets: unknown) => (typeof packets === 'number' ? Math.round(packets * growth) : packets)
  const streams = quality.streams.map((stream: Body) => ({
    ...stream,
    packets: count(stream.packets),
    ...('lost' in stream ? { lost: count(stream.lost) } : {}),
  }))
  return { ...quality, streams }
}
