import { isMainThread } from 'node:worker_threads'
import { SEED } from './seed.ts'

// Properties that give a seed of their own keep it. Threads of the store are started with this, too, and draw nothing.
if (isMainThread) (await import('fast-check')).default.configureGlobal({ seed: SEED })
