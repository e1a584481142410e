import { atPlace, filterTokens, type Token } from './filter-tokens.ts'
import {
  COMPARISONS,
  type Comparison,
  type FilterTree,
  type Literal,
  TEXT_TESTS,
  type TextTest,
} from './filter-tree.ts'

/** Parentheses and negations within one another; more than any filter that the store would take. */
export const MAX_NESTING = 50

/**
 * Reads a filter, the subset of OData 4 (Part 2: URL Conventions, 5.1.1) that PortSIP documents: comparisons of a field with
 * a value, `startswith`, `endswith`, `contains`, `and`, `or`, `not` and parentheses. Words have no case, fields do. Whether
 * there is such a field, and such a value of it, is not looked at here. Throws `bad_request` naming the place.
 */
export function parseFilter(filter: string): FilterTree {
  return new FilterParser(filterTokens(filter)).whole()
}

/** One pass over the tokens: or, and, not, a condition, each reading what binds closer. */
class FilterParser {
  readonly #tokens: readonly Token[]
  #next = 0
  #nesting = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): FilterTree {
    const tree = this.#either()
    const { kind, at, value } = this.#peek()
    if (kind === ')') throw atPlace(at, 'there is a ) without its (')
    if (kind !== 'end') throw atPlace(at, `expected and, or, or the end, not ${named(kind, value)}`)
    return tree
  }

  #either(): FilterTree {
    const parts = [this.#both()]
    while (this.#takesWord('or')) parts.push(this.#both())
    return joined('or', parts)
  }

  #both(): FilterTree {
    const parts = [this.#negated()]
    while (this.#takesWord('and')) parts.push(this.#negated())
    return joined('and', parts)
  }

  #negated(): FilterTree {
    const { at } = this.#peek()
    if (!this.#takesWord('not')) return this.#condition()
    return { op: 'not', of: this.#nested(at, () => this.#negated()) }
  }

  #condition(): FilterTree {
    const open = this.#peek()
    if (open.kind === '(') {
      this.#next += 1
      const tree = this.#nested(open.at, () => this.#either())
      this.#close(open)
      return tree
    }
    if (open.kind !== 'word')
      throw atPlace(open.at, `expected a field, a function, not or (, not ${named(open.kind, open.value)}`)
    this.#next += 1
    const called = this.#peek()
    return called.kind === '(' ? this.#function(open, called) : this.#comparison(open)
  }

  #comparison({ value: field, at }: Token): FilterTree {
    const written = this.#peek()
    const op = COMPARISONS.find((one) => one === written.value.toLowerCase()) as Comparison | undefined
    if (written.kind !== 'word' || op === undefined)
      throw atPlace(
        written.at,
        `expected one of ${COMPARISONS.join(', ')} behind ${field}, not ${named(written.kind, written.value)}`,
      )
    this.#next += 1
    const valueAt = this.#peek().at
    return { op, field, value: this.#literal(), at, valueAt }
  }

  #function({ value: name, at }: Token, open: Token): FilterTree {
    const op = TEXT_TESTS.find((one) => one === name.toLowerCase()) as TextTest | undefined
    if (op === undefined) throw atPlace(at, `${name} is none of ${TEXT_TESTS.join(', ')}`)
    this.#next += 1
    const field = this.#peek()
    if (field.kind !== 'word') throw atPlace(field.at, `expected a field, not ${named(field.kind, field.value)}`)
    this.#next += 1
    const comma = this.#peek()
    if (comma.kind !== ',')
      throw atPlace(comma.at, `expected a comma behind ${field.value}, not ${named(comma.kind, comma.value)}`)
    this.#next += 1
    const valueAt = this.#peek().at
    const value = this.#literal()
    this.#close(open)
    return this.#asked({ op, field: field.value, value, at: field.at, valueAt })
  }

  /** `startswith(caller,'1') eq false` is its opposite: clients of OData 2 write the comparison. */
  #asked(test: FilterTree): FilterTree {
    const written = this.#peek()
    const op = written.kind === 'word' ? written.value.toLowerCase() : ''
    if (op !== 'eq' && op !== 'ne') return test
    this.#next += 1
    const { at } = this.#peek()
    const value = this.#literal()
    if (value === null || !('boolean' in value)) throw atPlace(at, 'expected true or false')
    return value.boolean === (op === 'eq') ? test : { op: 'not', of: test }
  }

  #literal(): Literal {
    const { kind, value, at } = this.#peek()
    this.#next += 1
    if (kind === 'text') return { text: value }
    if (kind === 'number') return { number: value }
    const word = kind === 'word' ? value.toLowerCase() : ''
    if (word === 'null') return null
    if (word === 'true' || word === 'false') return { boolean: word === 'true' }
    throw atPlace(at, `expected a value (a text in single quotes, a number, null), not ${named(kind, value)}`)
  }

  #close(open: Token): void {
    const { kind, at, value } = this.#peek()
    if (kind !== ')') {
      if (kind === 'end') throw atPlace(open.at, 'this ( is never closed')
      throw atPlace(at, `expected ), not ${named(kind, value)}`)
    }
    this.#next += 1
  }

  #nested<T>(at: number, read: () => T): T {
    this.#nesting += 1
    if (this.#nesting > MAX_NESTING) throw atPlace(at, `is nested deeper than ${MAX_NESTING} levels`)
    const result = read()
    this.#nesting -= 1
    return result
  }

  #takesWord(word: string): boolean {
    const { kind, value } = this.#peek()
    if (kind !== 'word' || value.toLowerCase() !== word) return false
    this.#next += 1
    return true
  }

  /** The last token is the end, and stays. */
  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token
  }
}

/** `a and (b and c)` is `a and b and c`: parts of the same kind need no level of their own. */
function joined(op: 'and' | 'or', parts: readonly FilterTree[]): FilterTree {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return { op, of: parts.flatMap((part) => (part.op === op ? part.of : [part])) }
}

function named(kind: Token['kind'], value: string): string {
  if (kind === 'end') return 'the end'
  return kind === 'text' ? `the text '${value.slice(0, 40)}'` : value.slice(0, 40)
}
