import { uuidV5 } from '../../record/identity.ts'
import { type Conversation, numberOf } from './load-conversations.ts'
import { moveTimes } from './move-times.ts'
import { countryOfFictional, OWN_NUMBERS, phoneBook } from './numbers.ts'
import { type Random, randomOf } from './random.ts'
import { drawSpans, SCENARIOS, type Scenario } from './scenarios.ts'

/** Decimal strings a minute; see demo/prices.json. */
export interface DemoPrices {
  currency: string
  inbound: Record<string, string>
  outbound: Record<string, string>
  secure: string
}

export interface DemoOptions {
  /** Out of the bundled records; see `loadConversations`. */
  conversations: readonly Conversation[]
  prices: DemoPrices
  /** Epoch microseconds. */
  nowUs: number
  /** Another seed, other calls. */
  seed: number
}

type Body = Record<string, unknown>

const DAY_US = 86_400_000_000
const DAYS = 60
/** Conversations of each hour, UTC: Europe's morning, America's afternoon, and never an hour without one. */
const WEEKDAY = [1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 3, 4, 4, 4, 4, 3, 3, 2, 2, 1, 1, 1]
const WEEKEND = [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1]
const NAMESPACE = '6f3f2c0e-5a41-5c0b-9a52-0b6a3d2c7e11'

/**
 * Calls of the last 60 days in the native form, oldest first, legs after their call, the last ones ending just before
 * `nowUs`: at least 2,000 conversations. Each day's calls follow from the seed and the day alone, so a demo that is
 * filled again the next day adds a day and changes nothing. What is captured in them and what is not says
 * demo/README.md.
 */
export function* demoCalls({ conversations, prices, nowUs, seed }: DemoOptions): Generator<Body, void> {
  const book = phoneBook(String(seed), 400)
  const drawn = weighted(conversations)
  const today = Math.floor(nowUs / DAY_US)
  for (let day = today - DAYS; day <= today; day++) {
    const random = randomOf(`${seed}/${day}`)
    for (const [index, startUs] of startsOf(day, random).entries()) {
      const [conversation, scenario] = draw(drawn, random)
      const legs = moveTimes(conversation, { startUs, ...drawSpans(scenario, random) })
      const made = finish({
        legs,
        conversation,
        random,
        prices,
        external: book.pick(random),
        seed: `${seed}/${day}/${index}`,
      })
      const isInWindow =
        startUs >= nowUs - DAYS * DAY_US && legs.every(({ ended_at }) => Date.parse(ended_at as string) * 1000 < nowUs)
      if (isInWindow) yield* made
    }
  }
}

/** The starts of a day's calls in order; `day` counts from 1 January 1970, a Thursday. */
function startsOf(day: number, random: Random): number[] {
  const weekday = (day + 4) % 7
  const hours = weekday === 0 || weekday === 6 ? WEEKEND : WEEKDAY
  const starts = hours.flatMap((count, hour) => Array.from({ length: count }, () => hour + random.next()))
  return starts.map((hour) => day * DAY_US + Math.floor(hour * 3_600_000_000)).sort((a, b) => a - b)
}

interface Drawn {
  options: { scenario: Scenario; conversations: Conversation[] }[]
  total: number
}

/** Scenarios with their weights; one that several switches played is drawn from each of them alike. */
function weighted(conversations: readonly Conversation[]): Drawn {
  const options = Object.entries(SCENARIOS)
    .map(([number, scenario]) => ({
      scenario,
      conversations: conversations.filter((each) => each.scenario === number),
    }))
    .filter((option) => option.conversations.length > 0)
  return { options, total: options.reduce((sum, { scenario }) => sum + scenario.weight, 0) }
}

function draw({ options, total }: Drawn, random: Random): [Conversation, Scenario] {
  let left = random.next() * total
  const option = options.find(({ scenario }) => {
    left -= scenario.weight
    return left < 0
  })
  if (option === undefined) throw new Error('demo: no bundled record is of a known scenario')
  return [random.pick(option.conversations), option.scenario]
}

interface Unfinished {
  legs: Body[]
  conversation: Conversation
  random: Random
  prices: DemoPrices
  /** The number of the other party. */
  external: string
  seed: string
}

/** Gives the legs their ids, numbers and direction, and adds what no capture has: encryption and prices. */
function finish({ legs, conversation, random, prices, external, seed }: Unfinished): Body[] {
  const direction = random.next() < 0.55 ? 'inbound' : random.next() < 0.9 ? 'outbound' : 'internal'
  const renumber = renumbering({ legs, direction, random, external })
  const isSecure = random.next() < 0.15
  const uuids = legs.map((_, index) => uuidV5(NAMESPACE, `${seed}/${index}`))
  const [primaryUuid] = uuids as [string]
  return legs.map((leg, index) => {
    const isPrimary = index === 0
    const { clear: _, ...kept } = leg
    return {
      ...kept,
      ...renumber(leg),
      call_uuid: uuids[index],
      source: conversation.source,
      source_id: uuids[index],
      session_id: primaryUuid,
      sip_call_id: typeof leg.sip_call_id === 'string' ? `${uuids[index]}@demo.invalid` : null,
      ...(isPrimary ? {} : { parent_uuid: primaryUuid }),
      direction: isPrimary ? direction : 'outbound',
      ...(isSecure ? { trunk: { ...(leg.trunk as Body), transport: 'tls', srtp: true, secure: true } } : {}),
      ...(isPrimary && direction !== 'internal'
        ? { cost: costOf({ leg, direction, external, prices, isSecure }) }
        : {}),
    }
  })
}

/** The direction follows from whose numbers are put in place of the captured ones. */
function renumbering(given: {
  legs: Body[]
  direction: string
  random: Random
  external: string
}): (leg: Body) => Body {
  const { legs, direction, random, external } = given
  const own = random.pick(OWN_NUMBERS)
  const others = OWN_NUMBERS.filter((number) => number !== own)
  const caller = direction === 'inbound' ? external : own
  const callee = direction === 'inbound' ? own : direction === 'outbound' ? external : random.pick(others)
  const numbers = new Map([
    [numberOf(legs[0], 'from'), caller],
    [numberOf(legs[0], 'to'), callee],
  ])
  // Whoever else takes part, such as the target of a transfer, is one of the company's phones.
  const moved = (number: unknown) => {
    if (typeof number !== 'string' || number === '') return number
    if (!numbers.has(number)) numbers.set(number, others[numbers.size % others.length] as string)
    return numbers.get(number)
  }
  return ({ from, to, destination }) => ({
    from: { ...(from as Body), as_sent: moved((from as Body).as_sent) },
    to: { ...(to as Body), as_sent: moved((to as Body).as_sent) },
    ...(typeof destination === 'string' ? { destination: moved(destination) } : {}),
  })
}

function costOf(given: {
  leg: Body
  direction: string
  external: string
  prices: DemoPrices
  isSecure: boolean
}): Body {
  const { leg, direction, external, prices, isSecure } = given
  const rates = direction === 'inbound' ? prices.inbound : prices.outbound
  return {
    ...(leg.cost as Body | undefined),
    currency: prices.currency,
    rate: rates[countryOfFictional(external)] ?? rates.ZZ,
    secure_rate: isSecure ? prices.secure : '0.00000',
    cnam_rate: '0.00000',
  }
}
