import { Worker } from 'node:worker_threads'
import type { BackupMade, BackupOptions, OnProgress } from './backup.ts'
import { BackupGate } from './backup-gate.ts'
import type { BackupReply } from './backup-thread.ts'

/** What a backup of an opened folder needs of whoever asks for it. */
export interface BackupRequest extends Omit<BackupOptions, 'folder'> {
  signal: AbortSignal
  onProgress: OnProgress
}

/** A backup of this folder is being made already. */
export class BackupRunningError extends Error {
  constructor() {
    super('a backup of this folder is being made already')
  }
}

/**
 * Makes a backup in a thread of its own. `hold` has the writer stand still at the gate between two groups. Rejects with
 * the signal's reason where it was stopped.
 */
export async function runBackup(
  folder: string,
  { signal, onProgress, ...options }: BackupRequest,
  hold: (shared: SharedArrayBuffer) => void,
): Promise<BackupMade> {
  signal.throwIfAborted()
  const shared = BackupGate.share()
  const stop = () => new BackupGate(shared).stop()
  const worker = new Worker(new URL('./backup-thread.ts', import.meta.url), {
    workerData: { options: { ...options, folder } satisfies BackupOptions, shared },
  })
  signal.addEventListener('abort', stop)
  try {
    const last = await lastReply(worker, { onProgress, hold: () => hold(shared) })
    if (last.kind === 'made') return last.made
    signal.throwIfAborted()
    throw Object.assign(new Error(last.message), last.code === null ? {} : { code: last.code })
  } finally {
    signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

function lastReply(
  worker: Worker,
  { onProgress, hold }: { onProgress: OnProgress; hold: () => void },
): Promise<Exclude<BackupReply, { kind: 'progress' | 'hold' }>> {
  return new Promise((resolve, reject) => {
    worker.on('message', (reply: BackupReply) => {
      if (reply.kind === 'progress') onProgress(reply)
      else if (reply.kind === 'hold') hold()
      else resolve(reply)
    })
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('the backup ended without a word')))
  })
}
