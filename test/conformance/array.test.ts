import { ArrayCallStore } from '../support/array-call-store.ts'
import { derive } from '../support/derive-but-poison.ts'
import { describeCallStore } from './call-store.ts'
import { reopening } from './reopening.ts'

// The model that engines are compared with is held to the same.
describeCallStore(
  'an array',
  async ({ settingsOf }) => {
    const store = new ArrayCallStore({ settingsOf, derive })
    return { store, reopen: async () => store, remove: async () => {} }
  },
  { skip: reopening.map(({ it: test }) => ({ test, reason: 'an array keeps nothing' })) },
)
