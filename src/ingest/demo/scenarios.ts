import type { Random } from './random.ts'

/** How a scenario of the capture is used: how often, and how long its calls ring and talk, in seconds. */
export interface Scenario {
  weight: number
  /** Median and spread of the time up to the answer, or to the end where there is none. */
  ringS: readonly [median: number, spread: number]
  /** Median and spread of the talk; null where nobody answers. */
  talkS: readonly [median: number, spread: number] | null
}

const RING = [9, 0.5] as const
const TALK = [110, 1.05] as const

/** By the number of the scenario, which ends the caller's number in the captures. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  '01': { weight: 230, ringS: RING, talkS: TALK }, // caller hangs up
  '02': { weight: 200, ringS: RING, talkS: TALK }, // callee hangs up
  '03': { weight: 45, ringS: [2, 0.4], talkS: null }, // busy
  '04': { weight: 80, ringS: [11, 0.6], talkS: null }, // caller gives up
  '05': { weight: 20, ringS: [0.3, 0.5], talkS: null }, // unknown number
  '06': { weight: 20, ringS: [0.5, 0.8], talkS: null }, // no circuit
  '07': { weight: 60, ringS: RING, talkS: [300, 0.8] }, // hold and resume
  '08': { weight: 40, ringS: RING, talkS: TALK }, // signed
  '09': { weight: 85, ringS: [32, 0.3], talkS: null }, // no answer
  '10': { weight: 10, ringS: RING, talkS: TALK }, // challenged
  '11': { weight: 12, ringS: RING, talkS: TALK }, // forwarded
  '12': { weight: 25, ringS: [12, 0.4], talkS: TALK }, // gateway failover
  '13': { weight: 45, ringS: RING, talkS: TALK }, // several phones ring
  '14': { weight: 25, ringS: [14, 0.4], talkS: TALK }, // early media
  '15': { weight: 15, ringS: RING, talkS: TALK }, // over TCP
  '16': { weight: 8, ringS: RING, talkS: TALK }, // over IPv6
  '17': { weight: 20, ringS: [5, 0.6], talkS: null }, // declined
  '18': { weight: 140, ringS: RING, talkS: [240, 0.9] }, // media measured, clean
  '20': { weight: 5, ringS: RING, talkS: TALK }, // retransmissions
  '22': { weight: 3, ringS: RING, talkS: [900, 0.7] }, // no BYE ever came
  '23': { weight: 45, ringS: RING, talkS: TALK }, // signature verified
  '24': { weight: 20, ringS: RING, talkS: TALK }, // anonymous
  '25': { weight: 6, ringS: [0.2, 0.5], talkS: null }, // signature refused
  '26': { weight: 25, ringS: RING, talkS: TALK }, // a name with quotes
  '27': { weight: 12, ringS: RING, talkS: [0.6, 0.5] }, // very short
  '28': { weight: 45, ringS: RING, talkS: [180, 0.9] }, // media measured, lossy
  '29': { weight: 35, ringS: RING, talkS: [180, 0.9] }, // media measured, lossy
  '40': { weight: 55, ringS: RING, talkS: [35, 0.6] }, // announcement
  '41': { weight: 70, ringS: RING, talkS: [260, 0.8] }, // blind transfer
  '50': { weight: 75, ringS: RING, talkS: [220, 0.8] }, // queue
  '52': { weight: 15, ringS: RING, talkS: [1900, 0.5] }, // conference
  '53': { weight: 8, ringS: RING, talkS: [60, 0.5] }, // an application answers
}

/** The longest call: four hours. */
const MOST_TALK_S = 4 * 3600

/** Microseconds of ringing and talking for one call; one call in fifty that is answered is a long one. */
export function drawSpans({ ringS, talkS }: Scenario, random: Random): { ringUs: number; talkUs: number } {
  const ring = Math.min(random.around(...ringS), 90)
  const isLong = random.next() < 0.02
  const talk = talkS === null ? 0 : random.around(talkS[0] * (isLong ? 30 : 1), talkS[1])
  return { ringUs: Math.round(ring * 1_000_000), talkUs: Math.round(Math.min(talk, MOST_TALK_S) * 1_000_000) }
}
