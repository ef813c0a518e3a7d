//! The tree of a condition, with a candidate's truth at every part, adds up to the truth of the whole.

use eligo::evaluate::Context;
use eligo::explain::model::{Form, Role, Tree};
use eligo::explain::tree::TreeBuilder;
use eligo::report::sentence::Sentences;
use eligo::value::Truth;

use crate::choices::hold;
use crate::conditions::{Allowed, condition, every_kind};
use crate::information::rule;
use crate::records;
use crate::support::{TODAY, read};

fn truth(tree: &Tree) -> Truth {
    tree.finding.as_ref().unwrap().truth
}

/// What the parts of a tree come to together; none for a part that is not taken apart.
fn of_parts(tree: &Tree) -> Option<Truth> {
    let parts: Vec<Truth> = tree.parts.iter().map(truth).collect();
    let and = || parts.iter().copied().fold(Truth::True, Truth::and);
    let or = || parts.iter().copied().fold(Truth::False, Truth::or);
    match (tree.form, parts.as_slice()) {
        (_, []) => None,
        (Form::All, _) => Some(and()),
        (Form::Any, _) => Some(or()),
        (Form::NotAll, _) => Some(!and()),
        (Form::None, _) => Some(!or()),
        (Form::Not, [part]) => Some(!*part),
        (Form::Term, [part]) => Some(*part),
        (Form::OneOfTwo, [left, right]) => Some(left.xor(*right)),
        (Form::Implies, [left, right]) => Some(left.implies(*right)),
        (Form::Choice, _) => Some(chosen(tree)),
        (form, _) => panic!("{form:?} with {} parts", parts.len()),
    }
}

fn chosen(tree: &Tree) -> Truth {
    let mut possible = Vec::new();
    let mut condition = Truth::False;
    for child in &tree.parts {
        match child.role {
            Some(Role::If | Role::ElseIf) => condition = truth(child),
            Some(Role::Then) if condition == Truth::False => {}
            _ => {
                possible.push(truth(child));
                if child.role == Some(Role::Then) && condition == Truth::True {
                    break;
                }
            }
        }
    }
    possible.into_iter().reduce(Truth::join).unwrap()
}

fn adds_up(tree: &Tree) -> Result<(), String> {
    let finding = tree.finding.as_ref().ok_or("a part has no finding")?;
    if let Some(parts) = of_parts(tree)
        && parts != finding.truth
    {
        return Err(format!(
            "`{}` is {:?}, its parts come to {parts:?}",
            tree.expression, finding.truth
        ));
    }
    let deciding = tree
        .parts
        .iter()
        .filter(|child| {
            child
                .finding
                .as_ref()
                .is_some_and(|finding| finding.decides)
        })
        .count();
    if !tree.parts.is_empty() && finding.decides != (deciding > 0) {
        return Err(format!(
            "`{}` decides: {}, but {deciding} of its parts do",
            tree.expression, finding.decides
        ));
    }
    if let ([list], true) = (
        finding.lists.as_slice(),
        tree.expression.starts_with("exists ("),
    ) {
        let counted = list.entries.iter().map(|entry| entry.counts).fold(
            if list.complete {
                Truth::False
            } else {
                Truth::Unknown
            },
            Truth::or,
        );
        if counted != finding.truth {
            return Err(format!(
                "`{}` is {:?}, its entries say {counted:?}",
                tree.expression, finding.truth
            ));
        }
        if let Some(entry) = list
            .entries
            .iter()
            .find(|entry| entry.counts != Truth::True && entry.because.is_empty())
        {
            return Err(format!(
                "`{}` does not say why {} is out",
                tree.expression, entry.shown
            ));
        }
    }
    tree.parts.iter().try_for_each(adds_up)
}

#[test]
fn the_parts_of_a_tree_add_up() {
    let trial = every_kind();
    hold(400, 0x7ee, 1_200, |choices| {
        let texts = records::record(choices, &trial.facts, TODAY).map(|tree| records::yaml(&tree));
        let record = read(trial, &texts[1]);
        let context = Context::new(&record.entries, &trial.definitions, record.screened_on);
        let sentences = Sentences::within(trial, context);
        let trees = TreeBuilder::new(trial, Some(&sentences));
        for _ in 0..10 {
            let text = condition(
                choices,
                Allowed {
                    code_pairs: true,
                    overflow: true,
                },
                4,
            );
            let expression = rule(trial, &text)?;
            let tree = trees.tree(&expression, &text);
            if truth(&tree) != context.truth(&expression) || !tree.finding.as_ref().unwrap().decides
            {
                return Err(format!(
                    "{text}\nis {:?}, its tree {:?}",
                    context.truth(&expression),
                    truth(&tree)
                ));
            }
            adds_up(&tree).map_err(|problem| format!("{text}\n{problem}"))?;
        }
        Ok(())
    });
}
