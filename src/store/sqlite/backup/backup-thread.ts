import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type BackupMade, type BackupOptions, takeBackup } from './backup.ts'
import { BackupGate } from './backup-gate.ts'

export type BackupReply =
  | { kind: 'hold' }
  | { kind: 'progress'; doneBytes: number; totalBytes: number }
  | { kind: 'made'; made: BackupMade }
  | { kind: 'failed'; message: string; code: string | null }

const { options, shared } = workerData as { options: BackupOptions; shared: SharedArrayBuffer }
const port = parentPort as MessagePort
const reply = (message: BackupReply) => port.postMessage(message)

takeBackup(options, {
  gate: new BackupGate(shared),
  askHold: () => reply({ kind: 'hold' }),
  nowUs: () => Date.now() * 1000,
  onProgress: (state) => reply({ kind: 'progress', ...state }),
}).then(
  (made) => reply({ kind: 'made', made }),
  (error: NodeJS.ErrnoException) => reply({ kind: 'failed', message: error.message, code: error.code ?? null }),
)
