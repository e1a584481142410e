import { SqliteStoreInFolder } from '../support/sqlite-store-in-folder.ts'
import { describeCallStore, type Opened } from './call-store.ts'

describeCallStore('SQLite', async ({ settingsOf }) => {
  const folder = new SqliteStoreInFolder({ readerThreads: 2, settingsOf })
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
