/**
 * What a run says: as a document, and as a table.
 * @module
 */
export { type ExpectationResult, expectsFailure } from "./check_expectations.ts";
export { adviceText, type BufferSizeAdvice, tailText } from "./buffer_size_advice.ts";
export { CASE_COLUMNS } from "./case_cells.ts";
export { type CaseResult, type ResultDocument, resultDocument } from "./result_document.ts";
export { renderTable, type TableOptions } from "./table.ts";
export { ResultDocumentSchema } from "./result_schema.ts";
