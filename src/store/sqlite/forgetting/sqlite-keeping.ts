import type { Erasure, ErasureRequest, Keeping, RetentionOutcome, RetentionRequest } from '../../keeping.ts'
import { readingMeta } from '../folder/folder.ts'
import { readErasures } from './erased-numbers.ts'
import { eraseFrom } from './erasing.ts'
import { KeepingHands, type StoreHands } from './keeping-hands.ts'
import { putAside } from './put-aside.ts'
import { type CountCalls, retainIn } from './retention.ts'

/** Forgetting in a data folder, one thing at a time. */
export class SqliteKeeping implements Keeping {
  readonly #hands: KeepingHands
  readonly #countCalls: CountCalls
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: StoreHands, countCalls: CountCalls) {
    this.#hands = new KeepingHands(store)
    this.#countCalls = countCalls
  }

  erasures(accountId: string): Erasure[] {
    const { folder } = this.#hands
    const aside = putAside(folder)
    return readingMeta(folder, (meta) => readErasures(meta, accountId)).map((one) => ({ ...one, putAside: aside }))
  }

  async erase(request: ErasureRequest): Promise<Erasure> {
    const id = await this.#alone(() => eraseFrom(this.#hands, request))
    return this.erasures(request.accountId).find((erasure) => erasure.id === id) as Erasure
  }

  retain(request: RetentionRequest): Promise<RetentionOutcome> {
    return this.#alone(() => retainIn(this.#hands, request, this.#countCalls))
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const whole = () => work().finally(() => this.#hands.rest())
    const done = this.#last.then(whole)
    this.#last = done.catch(() => {})
    return done
  }
}
