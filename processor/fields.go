package processor

import "github.com/weirlog/weir/record"

// The names of the projection that processors look for.
var (
	traceID      = record.Fields[record.FieldTraceID].Name
	spanID       = record.Fields[record.FieldSpanID].Name
	functionName = record.Fields[record.FieldFunctionName].Name
	filePath     = record.Fields[record.FieldFilePath].Name
	lineNumber   = record.Fields[record.FieldLineNumber].Name
	errorType    = record.Fields[record.FieldErrorType].Name
	stackTrace   = record.Fields[record.FieldStackTrace].Name
)
