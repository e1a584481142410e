import type { CallStore } from '../store/call-store.ts'
import type { Directory } from '../store/directory.ts'

/** What every dialect is given. */
export interface DialectParts {
  calls: CallStore
  directory: Directory
  limits: DialectLimits
  /** Epoch microseconds. */
  now: () => number
}

/** Vendor windows and caps, with the vendor's values as defaults; see the configuration. */
export interface DialectLimits {
  /** Most rows of one Plivo answer. */
  plivoPageRows: number
  /** Days searched where a request names no end time. */
  plivoDefaultWindowDays: number
  /** Days that can be searched at all, and the widest range; null searches everything. */
  plivoHorizonDays: number | null
  /** Requests per account in 5 s on Plivo's faces; null counts none. */
  plivoRequestsPer5S: number | null
  /** Requests per account and minute on the native API; null counts none. */
  nativeRequestsPerMinute: number | null
  /** Requests per account and minute on PortSIP's API; null counts none. */
  portsipRequestsPerMinute: number | null
  /** Seconds without an event after which a change stream says that it is alive. */
  streamHeartbeatS: number
  /** Change streams that one account may have open. */
  changeStreams: number
  /** Seconds that a list may take; null sets no limit. */
  listDeadlineS: number | null
  /** Seconds that an export may take from its request to its last call; null sets no limit. */
  exportDeadlineS: number | null
  /** Failed sign-ins per address and minute before 429; null counts none. */
  failedSignInsPerMinute: number | null
}
