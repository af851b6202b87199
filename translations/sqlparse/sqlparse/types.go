// Derived from sqlparse 0.6.1 (sqlparse/tokens.py). Copyright (c) 2016, Andi Albrecht <albrecht.andi@gmail.com>;
// the BSD 3-Clause License: see LICENSE.

package scc0

// ttype is a token's type. Those are listed that the lexer or a filter gives to a token.
type ttype uint8

const (
	noType ttype = iota // of a group
	errorType
	textType
	whitespaceType
	newlineType
	keywordType
	dmlType
	ddlType
	cteType
	dclType
	orderType
	tzCastType
	nameType
	builtinType
	placeholderType
	literalType
	singleType
	symbolType
	integerType
	floatType
	hexadecimalType
	punctuationType
	operatorType
	comparisonType
	wildcardType
	commentType
	commentHintType
	multilineType
	multilineHintType
	assignmentType
	commandType
)

// typeNames gives the types by the names that the release's tables have for them.
var typeNames = map[string]ttype{
	"Error": errorType, "Text": textType, "Text.Whitespace": whitespaceType, "Text.Whitespace.Newline": newlineType,
	"Keyword": keywordType, "Keyword.DML": dmlType, "Keyword.DDL": ddlType, "Keyword.CTE": cteType,
	"Keyword.DCL": dclType, "Keyword.Order": orderType, "Keyword.TZCast": tzCastType,
	"Name": nameType, "Name.Builtin": builtinType, "Name.Placeholder": placeholderType,
	"Literal": literalType, "Literal.String.Single": singleType, "Literal.String.Symbol": symbolType,
	"Literal.Number.Integer": integerType, "Literal.Number.Float": floatType,
	"Literal.Number.Hexadecimal": hexadecimalType,
	"Punctuation":                punctuationType, "Operator": operatorType, "Operator.Comparison": comparisonType,
	"Wildcard": wildcardType, "Comment.Single": commentType, "Comment.Single.Hint": commentHintType,
	"Comment.Multiline": multilineType, "Comment.Multiline.Hint": multilineHintType,
	"Assignment": assignmentType, "Generic.Command": commandType,
}

// typeSet is a set of types. Those whose names begin with any have a type and all below it, as `ttype in T.Keyword` tells;
// a tuple of types in Python has those alone.
type typeSet uint32

const (
	anyWhitespace typeSet = 1<<whitespaceType | 1<<newlineType
	anyKeyword    typeSet = 1<<keywordType | 1<<dmlType | 1<<ddlType | 1<<cteType | 1<<dclType | 1<<orderType | 1<<tzCastType
	anyName       typeSet = 1<<nameType | 1<<builtinType | 1<<placeholderType
	anyNumber     typeSet = 1<<integerType | 1<<floatType | 1<<hexadecimalType
	anyComment    typeSet = 1<<commentType | 1<<commentHintType | 1<<multilineType | 1<<multilineHintType

	sqlHints     typeSet = 1<<commentHintType | 1<<multilineHintType
	operators    typeSet = 1<<operatorType | 1<<comparisonType
	dmlOrDDL     typeSet = 1<<dmlType | 1<<ddlType
	nameOrSymbol typeSet = 1<<nameType | 1<<symbolType

	// plainOperands is T_NUMERICAL + T_STRING + T_NAME.
	plainOperands typeSet = 1<<integerType | 1<<floatType | 1<<singleType | 1<<symbolType | 1<<nameType | 1<<placeholderType
)

func (s typeSet) has(t ttype) bool { return s>>t&1 != 0 }
