import { CONTACT_LISTS } from './rig/center-calls.ts'
import { centerList } from './rig/center-lists.ts'

/** The newest 20 calls with people on one contact list after the other, and how many there are. */
export const listByContactList = centerList({
  name: 'list-by-contact-list',
  asks: 'list: by contact list, newest 20, exact total (nectardesk)',
  filters: Array.from({ length: CONTACT_LISTS }, (_, at) => ({ listId: String(at + 1) })),
  has: ({ center }, _types, { listId }) => center.contact.list_ids.some((id) => String(id) === listId),
})
