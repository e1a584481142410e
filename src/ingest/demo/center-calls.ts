import { inbound } from './center-inbound.ts'
import { outbound, withCallback } from './center-outbound.ts'
import type { Body, Told } from './center-story.ts'
import { phoneBook } from './numbers.ts'
import { type Random, randomOf } from './random.ts'

const DAY_US = 86_400_000_000
const DAYS = 60

/** What happens in a call, and how often, out of their sum. */
const STORIES = {
  answered: 40,
  answered_late: 10,
  second_agent: 10,
  blind_transfer: 4,
  warm_transfer: 4,
  overflow_answered: 4,
  overflow_lost: 2,
  abandoned: 5,
  abandoned_while_ringing: 4,
  short: 3,
  menu_only: 5,
  callback: 4,
  closed: 3,
  outbound: 22,
  outbound_unanswered: 9,
} as const
export type Story = keyof typeof STORIES

/**
 * Calls of a contact centre in the last 60 days, in the native form, oldest first. Invented from beginning to end: no
 * contact centre's records were captured. Each day's calls follow from the seed and the day alone.
 */
export function* demoCenterCalls({ nowUs, seed }: { nowUs: number; seed: number }): Generator<Body, void> {
  const book = phoneBook(`${seed}/center`, 150)
  const today = Math.floor(nowUs / DAY_US)
  for (let day = today - DAYS; day <= today; day++) {
    const random = randomOf(`${seed}/center/${day}`)
    const weekend = [0, 6].includes((day + 4) % 7)
    const starts = Array.from({ length: weekend ? 4 : 14 }, () => startOf(day, random)).sort((a, b) => a - b)
    for (const [index, startedAtUs] of starts.entries()) {
      const id = `${seed}/center/${day}/${index}`
      const told = tell({ story: drawStory(random), startedAtUs, id, number: book.pick(random), random })
      const ends = told.map(({ ended_at }) => Date.parse(ended_at as string) * 1000)
      if (startedAtUs >= nowUs - DAYS * DAY_US && Math.max(...ends) < nowUs) yield* told
    }
  }
}

/** Between eight and eight, UTC. */
function startOf(day: number, random: Random): number {
  return day * DAY_US + Math.floor((8 + random.next() * 12) * 3_600_000_000)
}

function drawStory(random: Random): Story {
  const stories = Object.entries(STORIES) as [Story, number][]
  let left = random.next() * stories.reduce((sum, [, weight]) => sum + weight, 0)
  const drawn = stories.find(([, weight]) => {
    left -= weight
    return left < 0
  })
  return (drawn as [Story, number])[0]
}

function tell(told: Told): Body[] {
  if (told.story === 'outbound' || told.story === 'outbound_unanswered') return [outbound(told)]
  if (told.story === 'callback') return withCallback(told)
  return [inbound(told)]
}
