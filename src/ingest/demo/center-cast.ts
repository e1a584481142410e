import { OWN_NUMBERS } from './numbers.ts'
import type { Random } from './random.ts'

type Body = Record<string, unknown>

/** Someone who calls the demo company or is called by it. */
export interface Contact {
  id: number
  fullName: string
  /** E.164 with a leading +. */
  number: string
  listIds: readonly number[]
}

/** An agent as NectarDesk names one: `id` within the contact centre, `userId` of the person. */
export interface DemoAgent {
  id: number
  userId: number
  alias: string
}

const FIRST =
  'Ada Alan Barbara Claude Donald Edsger Frances Grace Hedy John Katherine Ken Margaret Niklaus Radia'.split(' ')
const LAST = 'Almond Birch Cedar Dogwood Elder Fir Gorse Hazel Ivy Juniper Larch Maple Oak Pine Rowan Spruce'.split(' ')

export const AGENTS: readonly DemoAgent[] = [
  'Amelia Stone',
  'Ben Rivers',
  'Chloe Field',
  'David Brook',
  'Emma Lake',
  'Farid Hill',
  'Grace Moor',
  'Hugo Marsh',
].map((alias, index) => ({ id: index + 1, userId: 40 + index, alias }))

export const SALES = { id: 1, name: 'Sales' }
export const SUPPORT = { id: 2, name: 'Support' }
/** Where calls go that Sales and Support cannot take. */
export const OVERFLOW_DESK = { id: 3, name: 'Overflow desk' }

export const MENU = { id: 1, name: 'Main menu' }

export const CAMPAIGNS = [
  { id: 1, name: 'Renewals' },
  { id: 2, name: 'Welcome calls' },
]

export const DISPOSITIONS = [
  { id: 1, code: 'Solved', note: null },
  { id: 2, code: 'Call again', note: 'Asked for another day.' },
  { id: 3, code: 'Sold', note: null },
  { id: 4, code: 'Wrong number', note: null },
]

/** The numbers of the contact centre: the last two of the company's own. */
export const LINES = OWN_NUMBERS.slice(-2).map((number, index) => ({
  id: index + 1,
  number: number.slice(1),
  alias: ['Sales line', 'Support line'][index] as string,
}))

/** The person behind a number; the same one for the same place in the phone book. */
export function contactOf(number: string, random: Random): Contact {
  const id = 1000 + (Number(number.slice(-7)) % 9000)
  const fullName = `${FIRST[id % FIRST.length]} ${LAST[id % LAST.length]}`
  // Lists: 1 customers, 2 on trial, 3 press.
  const listIds = [id % 3 === 0 ? 2 : 1, ...(random.next() < 0.1 ? [3] : [])]
  return { id, fullName, number, listIds }
}

export function agentBody({ id, userId, alias }: DemoAgent): Body {
  return { id, user_id: userId, alias, sip: `sip:agent${id}@center.demo.invalid` }
}
