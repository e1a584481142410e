import type { SegmentSizes } from '../../src/store/sqlite/folder/segment-sizes.ts'
import { SqliteStoreInFolder } from '../support/sqlite-store-in-folder.ts'
import { describeCallStore, type Opened } from './call-store.ts'

/** Segments so small that nearly every test has calls in many of them, while they roll, merge and split. */
const SMALL: SegmentSizes = { openCalls: 20, fullCalls: 120, mergeYoung: 4, overallFrom: 3 }

for (const [engine, segmentSizes] of [
  ['SQLite', {}],
  ['SQLite, with segments of twenty calls', SMALL],
] as const)
  describeCallStore(engine, async ({ settingsOf }) => {
    const folder = new SqliteStoreInFolder({ readerThreads: 2, settingsOf, segmentSizes })
    const opened: Opened = {
      store: await folder.open(),
      async reopen() {
        await opened.store.close()
        opened.store = await folder.open()
        return opened.store
      },
      remove: () => folder.remove(),
    }
    return opened
  })
