//! Lists, choices, queries and functions.

use std::ops::Range;

use super::Checker;
use crate::cql::ExpressionError;
use crate::cql::syntax::{self, Binary, Is, Node, Precision, Sort, Syntax, Unary};
use crate::cql::typed::{Aggregate, Expression, Function, Operation, Query, Type};
use crate::diagnostic::did_you_mean;
use crate::facts::Kind;
use crate::value::Value;

const AGGREGATES: [(&str, Aggregate); 9] = [
    ("Count", Aggregate::Count),
    ("Sum", Aggregate::Sum),
    ("Min", Aggregate::Min),
    ("Max", Aggregate::Max),
    ("Avg", Aggregate::Avg),
    ("First", Aggregate::First),
    ("Last", Aggregate::Last),
    ("AllTrue", Aggregate::AllTrue),
    ("AnyTrue", Aggregate::AnyTrue),
];
/// With the fewest and the most arguments that each takes.
const OF_VALUES: [(&str, Function, usize, usize); 9] = [
    ("Coalesce", Function::Coalesce, 1, usize::MAX),
    ("Abs", Function::Abs, 1, 1),
    ("Round", Function::Round, 1, 2),
    ("Ceiling", Function::Ceiling, 1, 1),
    ("Floor", Function::Floor, 1, 1),
    ("Truncate", Function::Truncate, 1, 1),
    ("Ln", Function::Ln, 1, 1),
    ("Exp", Function::Exp, 1, 1),
    ("Log", Function::Log, 2, 2),
];
/// Every function of the language.
pub const FUNCTIONS: [&str; 28] = [
    "Count",
    "Sum",
    "Min",
    "Max",
    "Avg",
    "First",
    "Last",
    "AllTrue",
    "AnyTrue",
    "Coalesce",
    "Abs",
    "Round",
    "Ceiling",
    "Floor",
    "Truncate",
    "Ln",
    "Exp",
    "Log",
    "Today",
    "AgeInYears",
    "AgeInMonths",
    "AgeInYearsAt",
    "AgeInMonthsAt",
    "Exists",
    "Power",
    "IsNull",
    "IsTrue",
    "IsFalse",
];

impl Checker<'_> {
    pub(super) fn list(
        &mut self,
        items: &[Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let element = match expected {
            Some(Type::List(element)) => Some(&**element),
            _ => None,
        };
        let mut kind = element.cloned().unwrap_or(Type::Any);
        let mut checked = Vec::new();
        for item in items {
            let item = self.expression(item, Some(&kind));
            if kind == Type::Any || (kind == Type::Integer && item.kind == Type::Decimal) {
                kind = item.kind.clone();
            }
            let item = self.fit(item, &kind);
            checked.push(item);
        }
        Expression {
            operation: Operation::List(checked),
            kind: Type::List(Box::new(kind)),
            span,
        }
    }

    pub(super) fn choice(
        &mut self,
        conditions: Vec<Expression>,
        results: &[&Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let mut kind = expected.cloned().unwrap_or(Type::Any);
        let mut checked = Vec::new();
        for result in results {
            let result = self.expression(result, Some(&kind));
            if kind == Type::Any || (kind == Type::Integer && result.kind == Type::Decimal) {
                kind = result.kind.clone();
            }
            checked.push(self.fit(result, &kind));
        }
        let otherwise = checked.pop().unwrap_or(Expression {
            operation: Operation::Constant(Value::UNKNOWN),
            kind: Type::Any,
            span: span.clone(),
        });
        Expression {
            operation: Operation::Case(
                conditions.into_iter().zip(checked).collect(),
                Box::new(otherwise),
            ),
            kind,
            span,
        }
    }

    pub(super) fn query(&mut self, query: &syntax::Query, span: Range<usize>) -> Expression {
        let order_matters = std::mem::take(&mut self.order_matters);
        if let Some((sort, _)) = query.sort.as_ref().filter(|_| !order_matters) {
            let at = match sort {
                Sort::Field(_, at) => at.clone(),
                Sort::Itself => span.clone(),
            };
            return self.error(
                ExpressionError::new("`sort` says nothing here", at)
                    .help("it goes with `First(… sort by …)` and `Last(… sort by …)`"),
            );
        }
        let source = self.expression(&query.source, None);
        let source = self.list_operand(source, "a query");
        let Type::List(element) = source.kind.clone() else {
            return source;
        };
        if self.names.facts.find(&query.alias).is_some()
            || self.names.definitions.contains_key(&query.alias)
            || self.aliases.iter().any(|(alias, _)| *alias == query.alias)
        {
            return self.error(
                ExpressionError::new(
                    format!("`{}` already names something else", query.alias),
                    query.alias_span.clone(),
                )
                .help("choose another name for the element, such as `L`"),
            );
        }
        self.aliases.push((query.alias.clone(), (*element).clone()));
        let filter = query.filter.as_ref().map(|filter| {
            let filter = self.expression(filter, None);
            self.boolean(filter)
        });
        let result = query
            .result
            .as_ref()
            .map(|result| self.expression(result, None));
        let alias = Expression {
            operation: Operation::Alias(self.aliases.len() - 1),
            kind: (*element).clone(),
            span: query.alias_span.clone(),
        };
        let sort = query.sort.as_ref().map(|(sort, descending)| {
            let key = match sort {
                Sort::Itself => alias.clone(),
                Sort::Field(name, name_span) => {
                    self.property(alias.clone(), name, name_span, name_span.clone())
                }
            };
            if matches!(
                key.kind,
                Type::Boolean | Type::Code(_) | Type::Text | Type::List(_) | Type::Item(_)
            ) {
                let kind = key.kind.to_string();
                self.error(ExpressionError::new(
                    format!("{kind} has no order to sort by"),
                    key.span.clone(),
                ));
            }
            (key, *descending)
        });
        self.aliases.pop();
        let kind = Type::List(Box::new(
            result
                .as_ref()
                .map_or(*element, |result| result.kind.clone()),
        ));
        Expression {
            operation: Operation::Query(Box::new(Query {
                source,
                filter,
                result,
                sort,
            })),
            kind,
            span,
        }
    }

    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let arity = |checker: &mut Self, least: usize, most: usize| {
            let right = (least..=most).contains(&arguments.len());
            if !right {
                let wanted = match (least, most) {
                    (1, 1) => "1 argument".to_owned(),
                    (_, usize::MAX) => format!("{least} arguments or more"),
                    _ if least == most => format!("{least} arguments"),
                    _ => format!("{least} to {most} arguments"),
                };
                checker.error(ExpressionError::new(
                    format!("`{name}` takes {wanted}, found {}", arguments.len()),
                    span.clone(),
                ));
            }
            right
        };
        let nothing = Expression {
            operation: Operation::Constant(Value::UNKNOWN),
            kind: Type::Any,
            span: span.clone(),
        };
        if let Some((_, aggregate)) = AGGREGATES.iter().find(|(known, _)| *known == name) {
            if !arity(self, 1, 1) {
                return nothing;
            }
            let Some(argument) = arguments.first() else {
                return nothing;
            };
            self.order_matters = matches!(aggregate, Aggregate::First | Aggregate::Last)
                && matches!(argument.node, Node::Query(_));
            let list = self.expression(argument, None);
            let list = self.list_operand(list, name);
            let Type::List(element) = list.kind.clone() else {
                return nothing;
            };
            return self.aggregate(*aggregate, name, list, *element, span);
        }
        if let Some((_, function, least, most)) =
            OF_VALUES.iter().find(|(known, ..)| *known == name)
        {
            return if arity(self, *least, *most) {
                self.function(*function, name, arguments, expected, span)
            } else {
                nothing
            };
        }
        match name {
            "Today" if arity(self, 0, 0) => Expression {
                operation: Operation::Today,
                kind: Type::Date,
                span,
            },
            "AgeInYears" | "AgeInMonths" if arity(self, 0, 0) => self.age(name, None, span),
            "AgeInYearsAt" | "AgeInMonthsAt" if arity(self, 1, 1) => {
                self.age(name, arguments.first(), span)
            }
            "Power" if arity(self, 2, 2) => match arguments {
                [base, exponent] => self.arithmetic(Binary::Power, base, exponent, span),
                _ => nothing,
            },
            "Exists" if arity(self, 1, 1) => match arguments.first() {
                Some(argument) => self.unary(Unary::Exists, argument, span),
                None => nothing,
            },
            "IsNull" | "IsTrue" | "IsFalse" if arity(self, 1, 1) => match (arguments.first(), name)
            {
                (Some(argument), "IsNull") => self.is(argument, Is::Null, false, span),
                (Some(argument), "IsTrue") => self.is(argument, Is::True, false, span),
                (Some(argument), _) => self.is(argument, Is::False, false, span),
                _ => nothing,
            },
            _ if FUNCTIONS.contains(&name) => nothing,
            _ => {
                let mut error = ExpressionError::new(
                    format!("there is no function `{name}`"),
                    span.start..span.start + name.len(),
                )
                .code("undeclared-name");
                error.help = did_you_mean(name, FUNCTIONS);
                self.error(error)
            }
        }
    }

    pub(super) fn age(
        &mut self,
        name: &str,
        at: Option<&Syntax>,
        span: Range<usize>,
    ) -> Expression {
        let birth = match self.names.facts.find("birth_date") {
            Some(id) if matches!(self.names.facts.get(id).kind, Kind::Date(_)) => Expression {
                operation: Operation::Fact(id),
                kind: Type::Date,
                span: span.clone(),
            },
            _ => {
                return self.error(
                    ExpressionError::new(
                        format!("`{name}` needs a fact `birth_date` of type date"),
                        span,
                    )
                    .help("declare it under `facts`"),
                );
            }
        };
        let at = match at {
            Some(at) => self.date(at),
            None => Expression {
                operation: Operation::Today,
                kind: Type::Date,
                span: span.clone(),
            },
        };
        let precision = if name.contains("Months") {
            Precision::Months
        } else {
            Precision::Years
        };
        Expression {
            operation: Operation::Age(precision, Box::new(birth), Box::new(at)),
            kind: Type::Integer,
            span,
        }
    }

    pub(super) fn aggregate(
        &mut self,
        aggregate: Aggregate,
        name: &str,
        list: Expression,
        element: Type,
        span: Range<usize>,
    ) -> Expression {
        let numeric = element.is_number() || matches!(element, Type::Quantity(_));
        let ordered = numeric || matches!(element, Type::Date | Type::Duration);
        let (fits, needs, kind) = match aggregate {
            Aggregate::Count => (true, "", Type::Integer),
            Aggregate::Sum => (numeric, "numbers", element.clone()),
            Aggregate::Avg => (
                numeric,
                "numbers",
                if element == Type::Integer {
                    Type::Decimal
                } else {
                    element.clone()
                },
            ),
            Aggregate::Min | Aggregate::Max => {
                (ordered, "numbers, dates or durations", element.clone())
            }
            Aggregate::First | Aggregate::Last => (true, "", element.clone()),
            Aggregate::AllTrue | Aggregate::AnyTrue => (
                matches!(element, Type::Boolean | Type::Any),
                "booleans",
                Type::Boolean,
            ),
        };
        if !fits {
            return self.error(ExpressionError::new(
                format!(
                    "`{name}` needs a list of {needs}, found a list of {}",
                    element.to_string().trim_start_matches("a ")
                ),
                list.span,
            ));
        }
        Expression {
            operation: Operation::Aggregate(aggregate, Box::new(list)),
            kind,
            span,
        }
    }

    pub(super) fn function(
        &mut self,
        function: Function,
        name: &str,
        arguments: &[Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        if let ([list], Function::Coalesce) = (arguments, function) {
            let list = self.expression(list, None);
            let list = self.list_operand(list, name);
            let kind = if let Type::List(element) = &list.kind {
                (**element).clone()
            } else {
                Type::Any
            };
            return Expression {
                operation: Operation::Function(function, vec![list]),
                kind,
                span,
            };
        }
        let mut kind = expected
            .filter(|_| function == Function::Coalesce)
            .cloned()
            .unwrap_or(Type::Any);
        let mut checked = Vec::new();
        for argument in arguments {
            let argument = self.expression(argument, Some(&kind));
            if function == Function::Coalesce {
                if kind == Type::Any || (kind == Type::Integer && argument.kind == Type::Decimal) {
                    kind = argument.kind.clone();
                }
                checked.push(self.fit(argument, &kind));
            } else {
                let keeps_unit =
                    function == Function::Abs && matches!(argument.kind, Type::Quantity(_));
                if !(argument.kind.is_number() || keeps_unit) {
                    let found = argument.kind.to_string();
                    self.error(ExpressionError::new(
                        format!("`{name}` needs a number, found {found}"),
                        argument.span.clone(),
                    ));
                }
                checked.push(argument);
            }
        }
        let kind = match function {
            Function::Coalesce => kind,
            Function::Abs => checked
                .first()
                .map_or(Type::Any, |argument| argument.kind.clone()),
            Function::Ceiling | Function::Floor | Function::Truncate => Type::Integer,
            Function::Round | Function::Ln | Function::Exp | Function::Log => Type::Decimal,
        };
        Expression {
            operation: Operation::Function(function, checked),
            kind,
            span,
        }
    }
}
