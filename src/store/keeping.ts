/** What was erased, without the number itself. Times are epoch microseconds. */
export interface Erasure {
  id: number
  accountId: string
  /** 32 hex digits that only this folder can make of the number. */
  numberHash: string
  lastTwo: string
  /** Id of the key that asked for it; null for the command line. */
  byKey: string | null
  reason: string
  begunAtUs: number
  /** Null while it is under way, and for one that was interrupted: it is to be done again. */
  finishedAtUs: number | null
  /** Calls that were changed, reports that were blanked, and entries of the quarantine that were dropped. */
  calls: number
  reports: number
  quarantined: number
  /**
   * Folder within the data folder where a restore has put files aside, as it is when this is asked: erasing does not look
   * at them, and they may hold the number. Null where there are none.
   */
  putAside: string | null
}

/** An erasure at its begin; `digits` as `searchedDigits` gives them. */
export interface ErasureBegun {
  accountId: string
  digits: string
  byKey: string | null
  reason: string
  nowUs: number
}

/** How far a long piece of work is; `total` is null where it is not known. */
export interface Progressed {
  done: number
  total: number | null
}

export interface ErasureRequest extends Omit<ErasureBegun, 'nowUs'> {
  /** Epoch microseconds. */
  now: () => number
  /** Drops the entries of the quarantine that hold the number, once no more of them are taken in; how many. */
  forgetQuarantined: () => Promise<number>
  onProgress?: (progressed: Progressed) => void
}

/** How long an account keeps what; null for good. */
export interface RetentionDays {
  callDays: number | null
  rawDays: number | null
  recordingDays: number | null
}

export interface RetentionRequest {
  /** Every account of the server. */
  accounts: readonly { accountId: string; days: RetentionDays }[]
  now: () => number
  /** Says what would go, of accounts that are held back as well, and lets nothing go. */
  dryRun: boolean
  /** An operator has looked at what would go: neither the clock nor the share of an account's calls holds it back. */
  confirmed: boolean
}

/** What went of an account, or would go. */
export interface Retained {
  accountId: string
  /** Why nothing went, for somebody to look at; null where it did. */
  refused: string | null
  calls: number
  /** Calls whose recordings have no links any more. */
  links: number
}

export interface RetentionOutcome {
  accounts: Retained[]
  /** Why nothing was looked at: the clock; null where it was. */
  refused: string | null
  /** Reports as they came. */
  reports: number
  /** Whole files that went: of segments, with the calls of all accounts in them, and of the raw log. */
  segments: number
  segmentCalls: number
  rawFiles: number
}

/** Forgetting, as a store does it. */
export interface Keeping {
  /**
   * Takes a number out of every call of an account that began before now, and forgets the reports that held it as they
   * came, and all reports of those calls. Resolves once nothing of it is left on the disk. What comes later of such calls
   * does not bring it back. Done again, it finishes what was interrupted.
   */
  erase(request: ErasureRequest): Promise<Erasure>
  /** The erasures of an account, the latest first. */
  erasures(accountId: string): Erasure[]
  /** Lets go what is older than its account keeps it, the quarantine apart. One run at a time. */
  retain(request: RetentionRequest): Promise<RetentionOutcome>
}
