//! Lists, choices, queries and functions.

use std::ops::{Range, RangeInclusive};

use super::Checker;
use crate::cql::ExpressionError;
use crate::cql::syntax::{
    self, Arithmetic, Binary, Comparison, Is, Node, Precision, Sort, Syntax, Unary,
};
use crate::cql::typed::{Aggregate, Expression, Function, Operation, Query, Type};
use crate::diagnostic::did_you_mean;
use crate::facts::Kind;

/// What a function computes.
enum Call {
    Aggregate(Aggregate),
    /// Of values: as many as it takes.
    Of(Function, RangeInclusive<usize>),
    Today,
    /// Today.
    Age(Precision),
    /// At a date.
    AgeAt(Precision),
    Exists,
    Power,
    Is(Is),
}

/// Every function of the language.
static CALLS: [(&str, Call); 29] = [
    ("Count", Call::Aggregate(Aggregate::Count)),
    ("Sum", Call::Aggregate(Aggregate::Sum)),
    ("Min", Call::Aggregate(Aggregate::Min)),
    ("Max", Call::Aggregate(Aggregate::Max)),
    ("Avg", Call::Aggregate(Aggregate::Avg)),
    ("Median", Call::Aggregate(Aggregate::Median)),
    ("First", Call::Aggregate(Aggregate::First)),
    ("Last", Call::Aggregate(Aggregate::Last)),
    ("AllTrue", Call::Aggregate(Aggregate::AllTrue)),
    ("AnyTrue", Call::Aggregate(Aggregate::AnyTrue)),
    ("Coalesce", Call::Of(Function::Coalesce, 1..=usize::MAX)),
    ("Abs", Call::Of(Function::Abs, 1..=1)),
    ("Round", Call::Of(Function::Round, 1..=2)),
    ("Ceiling", Call::Of(Function::Ceiling, 1..=1)),
    ("Floor", Call::Of(Function::Floor, 1..=1)),
    ("Truncate", Call::Of(Function::Truncate, 1..=1)),
    ("Ln", Call::Of(Function::Ln, 1..=1)),
    ("Exp", Call::Of(Function::Exp, 1..=1)),
    ("Log", Call::Of(Function::Log, 2..=2)),
    ("Today", Call::Today),
    ("AgeInYears", Call::Age(Precision::Years)),
    ("AgeInMonths", Call::Age(Precision::Months)),
    ("AgeInYearsAt", Call::AgeAt(Precision::Years)),
    ("AgeInMonthsAt", Call::AgeAt(Precision::Months)),
    ("Exists", Call::Exists),
    ("Power", Call::Power),
    ("IsNull", Call::Is(Is::Null)),
    ("IsTrue", Call::Is(Is::True)),
    ("IsFalse", Call::Is(Is::False)),
];

/// The name of every function of the language.
pub fn functions() -> impl Iterator<Item = &'static str> + Clone {
    CALLS.iter().map(|(name, _)| *name)
}

impl Checker<'_> {
    /// Expressions in one type, which begins as `kind` and may become decimal.
    fn alike<'s>(
        &mut self,
        parts: impl IntoIterator<Item = &'s Syntax>,
        mut kind: Type,
    ) -> (Vec<Expression>, Type) {
        let mut checked = Vec::new();
        for part in parts {
            let part = self.expression(part, Some(&kind));
            if kind == Type::Any || (kind == Type::Integer && part.kind == Type::Decimal) {
                kind = part.kind.clone();
            }
            checked.push(self.fit(part, &kind));
        }
        (checked, kind)
    }

    pub(super) fn list(
        &mut self,
        items: &[Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let element = match expected {
            Some(Type::List(element)) => (**element).clone(),
            _ => Type::Any,
        };
        let (checked, kind) = self.alike(items, element);
        Expression::new(Operation::List(checked), Type::List(Box::new(kind)), span)
    }

    pub(super) fn case(
        &mut self,
        subject: Option<&Syntax>,
        branches: &[(Syntax, Syntax)],
        otherwise: &Syntax,
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let conditions = branches
            .iter()
            .map(|(when, _)| match subject {
                Some(subject) => {
                    let equal = Binary::Compare(Comparison::Equal);
                    self.comparison(equal, subject, when, when.span.clone())
                }
                None => self.condition(when),
            })
            .collect();
        let mut results: Vec<&Syntax> = branches.iter().map(|(_, then)| then).collect();
        results.push(otherwise);
        self.choice(conditions, &results, expected, span)
    }

    /// A result for each condition, and the last one for none.
    pub(super) fn choice(
        &mut self,
        conditions: Vec<Expression>,
        results: &[&Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let expected = expected.cloned().unwrap_or(Type::Any);
        let (mut results, kind) = self.alike(results.iter().copied(), expected);
        let otherwise = results
            .pop()
            .unwrap_or_else(|| Expression::unknown(span.clone()));
        let branches = conditions.into_iter().zip(results).collect();
        Expression::new(Operation::Case(branches, Box::new(otherwise)), kind, span)
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
            let message = format!("`{}` already names something else", query.alias);
            return self.error(
                ExpressionError::new(message, query.alias_span.clone())
                    .help("choose another name for the element, such as `L`"),
            );
        }
        let alias = Expression::new(
            Operation::Alias(self.aliases.len()),
            (*element).clone(),
            query.alias_span.clone(),
        );
        self.aliases.push((query.alias.clone(), alias.kind.clone()));
        let filter = query.filter.as_ref().map(|filter| self.condition(filter));
        let result = query
            .result
            .as_ref()
            .map(|result| self.expression(result, None));
        let sort = query
            .sort
            .as_ref()
            .map(|(sort, descending)| (self.sort_key(sort, alias), *descending));
        self.aliases.pop();
        let kind = result
            .as_ref()
            .map_or(*element, |result| result.kind.clone());
        let query = Query {
            source,
            filter,
            result,
            sort,
        };
        let operation = Operation::Query(Box::new(query));
        Expression::new(operation, Type::List(Box::new(kind)), span)
    }

    fn sort_key(&mut self, sort: &Sort, alias: Expression) -> Expression {
        let key = match sort {
            Sort::Itself => alias,
            Sort::Field(name, span) => self.property(alias, name, span, span.clone()),
        };
        if !key.kind.has_order() {
            let message = format!("{} has no order to sort by", key.kind);
            self.error(ExpressionError::new(message, key.span.clone()));
        }
        key
    }

    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let Some((_, call)) = CALLS.iter().find(|(known, _)| *known == name) else {
            let name_span = span.start..span.start + name.len();
            let mut error =
                ExpressionError::new(format!("there is no function `{name}`"), name_span)
                    .code("undeclared-name");
            error.help = did_you_mean(name, functions());
            return self.error(error);
        };
        let takes = match (call, arguments) {
            (Call::Aggregate(aggregate), [list]) => {
                return self.aggregate(*aggregate, name, list, span);
            }
            (Call::Of(Function::Coalesce, takes), _) if takes.contains(&arguments.len()) => {
                return self.coalesce(name, arguments, expected, span);
            }
            (Call::Of(function, takes), _) if takes.contains(&arguments.len()) => {
                return self.function(*function, name, arguments, span);
            }
            (Call::Today, []) => return Expression::new(Operation::Today, Type::Date, span),
            (Call::Age(precision), []) => return self.age(name, *precision, None, span),
            (Call::AgeAt(precision), [at]) => return self.age(name, *precision, Some(at), span),
            (Call::Power, [base, exponent]) => {
                return self.arithmetic(Arithmetic::Power, base, exponent, span);
            }
            (Call::Exists, [list]) => return self.unary(Unary::Exists, list, span),
            (Call::Is(what), [operand]) => return self.is(operand, *what, false, span),
            // There are too few arguments, or too many.
            (Call::Of(_, takes), _) => takes.clone(),
            (Call::Today | Call::Age(_), _) => 0..=0,
            (Call::Power, _) => 2..=2,
            (Call::Aggregate(_) | Call::AgeAt(_) | Call::Exists | Call::Is(_), _) => 1..=1,
        };
        let wanted = match (*takes.start(), *takes.end()) {
            (1, 1) => "1 argument".to_owned(),
            (least, usize::MAX) => format!("{least} arguments or more"),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        };
        let message = format!("`{name}` takes {wanted}, found {}", arguments.len());
        self.error(ExpressionError::new(message, span))
    }

    fn age(
        &mut self,
        name: &str,
        precision: Precision,
        at: Option<&Syntax>,
        span: Range<usize>,
    ) -> Expression {
        let birth = match self.names.facts.find("birth_date") {
            Some(id) if matches!(self.names.facts.get(id).kind, Kind::Date(_)) => {
                Expression::new(Operation::Fact(id), Type::Date, span.clone())
            }
            _ => {
                let message = format!("`{name}` needs a fact `birth_date` of type date");
                return self
                    .error(ExpressionError::new(message, span).help("declare it under `facts`"));
            }
        };
        let at = match at {
            Some(at) => self.date(at),
            None => Expression::new(Operation::Today, Type::Date, span.clone()),
        };
        let operation = Operation::Age(precision, Box::new(birth), Box::new(at));
        Expression::new(operation, Type::Integer, span)
    }

    fn aggregate(
        &mut self,
        aggregate: Aggregate,
        name: &str,
        list: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        self.order_matters = matches!(aggregate, Aggregate::First | Aggregate::Last)
            && matches!(list.node, Node::Query(_));
        let list = self.expression(list, None);
        let list = self.list_operand(list, name);
        let Type::List(element) = list.kind.clone() else {
            return Expression::unknown(span);
        };
        let element = *element;
        let numeric = element.is_number() || matches!(element, Type::Quantity(_));
        let ordered = numeric || matches!(element, Type::Date | Type::Duration);
        let (fits, needs) = match aggregate {
            Aggregate::Count | Aggregate::First | Aggregate::Last => (true, ""),
            Aggregate::Sum | Aggregate::Avg | Aggregate::Median => (numeric, "numbers"),
            Aggregate::Min | Aggregate::Max => (ordered, "numbers, dates or durations"),
            Aggregate::AllTrue | Aggregate::AnyTrue => {
                (matches!(element, Type::Boolean | Type::Any), "booleans")
            }
        };
        if !fits {
            let element = element.to_string();
            let found = element.trim_start_matches("a ");
            let message = format!("`{name}` needs a list of {needs}, found a list of {found}");
            return self.error(ExpressionError::new(message, list.span));
        }
        let kind = match aggregate {
            Aggregate::Count => Type::Integer,
            Aggregate::Avg | Aggregate::Median if element == Type::Integer => Type::Decimal,
            Aggregate::AllTrue | Aggregate::AnyTrue => Type::Boolean,
            _ => element,
        };
        Expression::new(Operation::Aggregate(aggregate, Box::new(list)), kind, span)
    }

    /// The first of values that is known, or the first of a list.
    fn coalesce(
        &mut self,
        name: &str,
        arguments: &[Syntax],
        expected: Option<&Type>,
        span: Range<usize>,
    ) -> Expression {
        let (values, kind) = if let [list] = arguments {
            let list = self.expression(list, None);
            let list = self.list_operand(list, name);
            let kind = match &list.kind {
                Type::List(element) => (**element).clone(),
                _ => Type::Any,
            };
            (vec![list], kind)
        } else {
            self.alike(arguments, expected.cloned().unwrap_or(Type::Any))
        };
        Expression::new(Operation::Function(Function::Coalesce, values), kind, span)
    }

    /// A function of numbers.
    fn function(
        &mut self,
        function: Function,
        name: &str,
        arguments: &[Syntax],
        span: Range<usize>,
    ) -> Expression {
        let mut kind = match function {
            Function::Ceiling | Function::Floor | Function::Truncate => Type::Integer,
            _ => Type::Decimal,
        };
        let mut checked = Vec::new();
        for argument in arguments {
            let argument = self.expression(argument, None);
            let keeps_unit = function == Function::Abs;
            let fits = argument.kind.is_number()
                || keeps_unit && matches!(argument.kind, Type::Quantity(_));
            if !fits {
                let message = format!("`{name}` needs a number, found {}", argument.kind);
                self.error(ExpressionError::new(message, argument.span.clone()));
            }
            if keeps_unit {
                kind = argument.kind.clone();
            }
            checked.push(argument);
        }
        Expression::new(Operation::Function(function, checked), kind, span)
    }
}
