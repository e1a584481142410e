import type { Member } from '../row/row-members.ts'
import type { Placed } from './call-file.ts'

/** A key of which what lies under it has changed, and every entry that it had or has got by that. */
export interface Touch {
  account: number
  startedAtUs: number
  id: number
  members: readonly Member[]
}

/** What was changed in a segment since somebody began to copy it. */
export class Touches {
  #touches = new Map<string, Touch>()

  get size(): number {
    return this.#touches.size
  }

  note({ account, startedAtUs, id, members }: Placed): void {
    const key = `${account} ${startedAtUs} ${id}`
    const known = this.#touches.get(key)
    if (known === undefined) this.#touches.set(key, { account, startedAtUs, id, members })
    else if (members.length > 0) this.#touches.set(key, { ...known, members: united(known.members, members) })
  }

  /** What was noted since the last time. */
  take(): Touch[] {
    const touches = [...this.#touches.values()]
    this.#touches = new Map()
    return touches
  }
}

function united(some: readonly Member[], others: readonly Member[]): readonly Member[] {
  const isNew = ([kind, ref]: Member) => !some.some((one) => one[0] === kind && one[1] === ref)
  const more = others.filter(isNew)
  return more.length === 0 ? some : [...some, ...more]
}
