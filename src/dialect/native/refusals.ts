import { wireName } from '../../record/wire.ts'
import { DirectoryRefusal } from '../../store/directory-refusal.ts'
import { FaultError } from '../fault.ts'

/** Throws a refusal of the directory as the caller's fault, anything else as it is. */
export function refused(error: unknown): never {
  return refusable(() => {
    throw error
  })
}

/** Makes a change to the directory; its refusal becomes the caller's fault, its field named as on the wire. */
export function refusable<T>(change: () => T): T {
  try {
    return change()
  } catch (error) {
    if (!(error instanceof DirectoryRefusal)) throw error
    const code = error.reason === 'exists' ? 'conflict' : 'bad_request'
    throw new FaultError({ code, field: wireName(error.field), why: error.why })
  }
}
