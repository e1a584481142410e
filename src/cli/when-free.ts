import { setTimeout as delay } from 'node:timers/promises'
import { FolderLockedError } from '../store/sqlite/folder/folder.ts'

/** How long to wait for a folder that a command is about to leave, or for a server that is just starting. */
const WAIT_MS = 5000
const LOOK_EVERY_MS = 100

/** Opens what another process may be about to leave; throws `FolderLockedError` when it has not after 5 s. */
export async function whenFree<T>(open: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const startMs = performance.now(); ; ) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof FolderLockedError) || performance.now() - startMs > WAIT_MS) throw error
      await delay(LOOK_EVERY_MS, undefined, { signal })
    }
  }
}
