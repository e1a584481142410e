import { type Random, randomOf } from './random.ts'

/** Ranges that the regulators keep free for films and books: they ring at nobody's. `#` is any digit. */
const FICTIONAL: Record<string, readonly string[]> = {
  US: ['+1202555 01##', '+1312555 01##', '+1415555 01##', '+1617555 01##', '+1713555 01##'],
  CA: ['+1416555 01##', '+1604555 01##'],
  GB: ['+4420794 60###', '+4412149 60###', '+4477009 00###'],
  DE: ['+493023 125###', '+4917139 200##'],
  FR: ['+331990 0####', '+336399 8####'],
  SE: ['+468465 004##'],
  AU: ['+61255 50####'],
}

/** How often each country calls or is called: the demo company sits in London and New York. */
const COUNTRIES = 'US US US US US CA GB GB GB GB GB DE DE FR FR SE AU'.split(' ')

/** The demo company's own numbers, from the same ranges. */
export const OWN_NUMBERS: readonly string[] = [
  ...Array.from({ length: 6 }, (_, line) => `+44207946090${line}`),
  ...Array.from({ length: 6 }, (_, line) => `+1202555019${line}`),
]

/** People who call the company and are called by it: some of them often, most of them seldom. */
export function phoneBook(seed: string, size: number): { pick(random: Random): string } {
  const random = randomOf(`${seed}/numbers`)
  const numbers = new Set<string>()
  while (numbers.size < size) {
    const range = random.pick(FICTIONAL[random.pick(COUNTRIES)] as readonly string[])
    const number = range.replaceAll(' ', '').replace(/#/g, () => String(random.integer(0, 9)))
    if (!OWN_NUMBERS.includes(number)) numbers.add(number)
  }
  const book = [...numbers]
  return { pick: (chance) => book[Math.floor(chance.next() ** 2 * book.length)] as string }
}

/** ISO country of a number of these ranges; `ZZ` for any other. */
export function countryOfFictional(number: string): string {
  const isOf = (range: string) => number.startsWith(range.replaceAll(' ', '').replace(/#+$/, ''))
  return Object.keys(FICTIONAL).find((country) => FICTIONAL[country]?.some(isOf)) ?? 'ZZ'
}
