#!/usr/bin/env python3
"""Screens an NDJSON list against NCT04546906 in DuckDB: the same sixteen criteria, written a second time, in SQL.

    pip install duckdb==2.0.0
    python3 benches/duckdb.py --input list.ndjson --output verdicts.ndjson --threads 2

It shares nothing with eligo. So eligo's speed is measured against it, and `compare.py` beside it checks that both
come to the same verdicts. A row has `candidate`, `eligibility` and `verdicts`, and its place is that of the record in
the list; `--line` writes the line number too, at the price that all of it runs on one thread. It is written for speed, and
for lists as `examples/generate.rs` writes them: it does not check what it reads, gives no reasons, and knows no site policy,
no bounds of dates (`>= 2026-01`), no facts named by their whole path (`hepatitis.hbv_dna`), no evidence inside the items of a
list, and nothing that is not in these lists: earlier episodes, other infections, other HIV tests, sites that were removed.

`--plain` is for lists made with `generate --plain`, where each fact has one JSON type: then DuckDB reads straight into
typed columns, which is the best that it can do. `--csv` is for lists made with `generate --format csv`.
"""

import sys

# This file has the name of the package that it needs, so the package must not be looked for beside it.
del sys.path[0]

import argparse
import csv
import resource
import time

import duckdb

WRITTEN_FOR = "2.0.0"

# What the criteria look at. `code -x` is a code whose value x is a result that does not settle the matter: asked for
# any other value, it is as good as null. Of what is `dated` the date of its evidence counts too, of what is `signed`
# whether somebody stands for it.
FACTS = {
    "sex": "code",
    "birth_date": "date",
    "age": "integer",
    "diagnosis": "code -all_lineage_unstated",
    "remission": {"achieved": "boolean", "by": "list", "reached_on": "date"},
    "relapse": {"type": "code", "found_on": "date"},
    "marrow_blasts": "number dated",
    "mrd": {"result": "code dated", "date": "date"},
    "extramedullary_sites": "list",
    "assessable_lesions": "integer",
    "courses_without_remission": "integer",
    "courses_mrd_positive": "integer",
    "risk_group": "code",
    "suitable_for_reintensive_therapy": "boolean",
    "cd22": "list",
    "last_cd22_therapy": {"drug": "code", "given_on": "date"},
    "prior_gene_therapy": "code",
    "ecog": "integer",
    "estimated_survival": "duration",
    "consent": "code -pending",
    "cardiac": {"serious_insufficiency": "boolean signed", "lvef": "number", "nyha": "integer"},
    "lung": {"severe_impairment_history": "boolean signed", "spo2": "number"},
    "other_malignancies": "list",
    "infection": {"status": "code", "serious": "boolean", "persistent": "boolean"},
    "autoimmune": {"status": "code"},
    "immunodeficiency": "boolean",
    "hepatitis": {"hbv_dna": "code", "hcv_rna": "code", "hbv_load": "number"},
    "hiv": {"status": "code", "antigen_antibody": "code", "nucleic_acid": "code"},
    "syphilis": {"status": "code", "treponemal": "code", "nontreponemal": "code"},
    "allergies": "list",
    "pregnancy": "code -inconclusive",
    "lactating": "boolean",
    "plans_pregnancy": "boolean",
    "recent_pregnancy": "boolean",
    "investigator_concern": "boolean",
    "serious_mental_illness": "boolean",
    "substance_abuse": "boolean",
    "addiction": "code",
}
ITEMS = {
    "remission_by": "VARCHAR",
    "extramedullary_sites": "VARCHAR",
    "cd22": {field: "VARCHAR" for field in ("result", "percent_of_blasts", "specimen", "method", "date")},
    "other_malignancies": {"status": "VARCHAR"},
    "allergies": {"class": "VARCHAR", "severity": "VARCHAR"},
}
TYPED = {"code": "VARCHAR", "boolean": "BOOLEAN", "integer": "DOUBLE", "number": "DOUBLE", "date": "VARCHAR", "duration": "VARCHAR"}


def sql_type(fields):
    if not isinstance(fields, dict):
        return fields
    return "STRUCT(" + ", ".join(f'"{name}" {sql_type(kind)}' for name, kind in fields.items()) + ")"


def columns(plain):
    """The schema. A value which may come with its evidence is read as text, be it a scalar, a list or an object."""

    def column(name, kind):
        if isinstance(kind, dict):
            return {part: column(f"{name}_{part}", kind) for part, kind in kind.items()}
        if not plain:
            return "VARCHAR"
        return f"{sql_type(ITEMS[name])}[]" if kind == "list" else TYPED[kind.split()[0]]

    schema = {"candidate": "VARCHAR", "screened_on": "DATE"} | {name: column(name, kind) for name, kind in FACTS.items()}
    return "{" + ", ".join(f"{name}: '{sql_type(kind)}'" for name, kind in schema.items()) + "}"


MACROS = """
-- A value that may be wrapped in an object with its evidence; null where the object says that it is missing.
CREATE TEMP MACRO bare(x) AS CASE WHEN starts_with(x, '{') THEN x->>'$.value' WHEN x != 'unknown' THEN x END;

-- The ends of `5`, `5 %`, `>= 5`, `< 5 %`, `1..2`. An end that is itself excluded is moved by less than any value has digits.
CREATE TEMP MACRO number_in(x) AS CAST(trim(x, '<>=% ') AS DOUBLE);
CREATE TEMP MACRO low_of(x) AS CASE
    WHEN TRY_CAST(x AS DOUBLE) IS NOT NULL THEN TRY_CAST(x AS DOUBLE)
    WHEN x[1] = '<' THEN '-inf'::DOUBLE
    WHEN x[1] = '>' THEN number_in(x) + CASE WHEN x[2] = '=' THEN 0 ELSE 1e-6 END
    ELSE number_in(split_part(x, '..', 1)) END;
CREATE TEMP MACRO high_of(x) AS CASE
    WHEN TRY_CAST(x AS DOUBLE) IS NOT NULL THEN TRY_CAST(x AS DOUBLE)
    WHEN x[1] = '>' THEN 'inf'::DOUBLE
    WHEN x[1] = '<' THEN number_in(x) - CASE WHEN x[2] = '=' THEN 0 ELSE 1e-6 END
    ELSE number_in(split_part(x, '..', -1)) END;
CREATE TEMP MACRO at_least(low, high, n) AS CASE WHEN low >= n THEN true WHEN high < n THEN false END;
CREATE TEMP MACRO at_most(low, high, n) AS CASE WHEN high <= n THEN true WHEN low > n THEN false END;

-- The ends of a date, which may be partial, as text that sorts.
CREATE TEMP MACRO first_day(x) AS x || substr('0000-01-01', length(x) + 1);
CREATE TEMP MACRO last_day_of(x) AS CASE length(x)
    WHEN 10 THEN x
    WHEN 7 THEN CAST(last_day(CAST(x || '-01' AS DATE)) AS VARCHAR)
    ELSE x || '-12-31' END;
-- Whether day x lies more than 28 days before day y.
CREATE TEMP MACRO long_before(x, y) AS CAST(y AS DATE) - CAST(x AS DATE) > 28;

-- Where a duration leads to from a day.
CREATE TEMP MACRO reached(day, x) AS day + CAST(ltrim(x, '<>= ') AS INTERVAL);

-- Whether a list has an item for which a condition holds, given how many items do, and how many may.
CREATE TEMP MACRO found(list, is_open, sure, perhaps) AS
    CASE WHEN list IS NULL THEN NULL WHEN sure > 0 THEN true WHEN perhaps > 0 OR is_open THEN NULL ELSE false END;

-- What all readings agree on.
CREATE TEMP MACRO agreed2(a, b) AS CASE WHEN a AND b THEN true WHEN NOT (a OR b) THEN false END;
CREATE TEMP MACRO agreed4(a, b, c, d) AS CASE WHEN a AND b AND c AND d THEN true WHEN NOT (a OR b OR c OR d) THEN false END;
-- A contradiction leaves a condition open. A doubt is cast on what lets a candidate pass, and on nothing else. Both count where a
-- value within bounds or a partial date may be the one that raises them, and where a fact is missing they do not.
CREATE TEMP MACRO unless(conflict, condition) AS CASE WHEN conflict THEN NULL ELSE condition END;
CREATE TEMP MACRO doubted(doubt, condition) AS CASE WHEN doubt AND condition THEN NULL ELSE condition END;
CREATE TEMP MACRO word(ok) AS CASE WHEN ok THEN 'pass' WHEN NOT ok THEN 'fail' ELSE 'unknown' END;
CREATE TEMP MACRO word_where(applies, ok) AS CASE WHEN NOT applies THEN 'not_applicable' ELSE word(ok) END;
"""


class Cells:
    """The columns of a table: one for each fact, and for each field of an item of a list."""

    def __init__(self, path):
        with open(path, newline="") as table:
            self.names = next(csv.reader(table))

    def cell(self, name):
        return f'"{name}"' if name in self.names else "NULL::VARCHAR"

    def items(self, name, fields):
        """A list as a value. A list of words stands in one cell; of other items, each has its fields in cells of its own."""
        cell = self.cell(name)
        if fields == "VARCHAR":
            return f"CASE WHEN {cell} = '[]' THEN [] WHEN {cell} != 'unknown' THEN string_split({cell}, ';') END"
        parts = [column[len(name) + 1 :].split(".")[0] for column in self.names if column.startswith(f"{name}.")]
        items = []
        # A list that has no columns for items has one item of which nothing is said.
        for number in dict.fromkeys(part for part in parts if part.isdigit()) or ["1"]:
            prefix = f"{name}.{number}."
            said = [self.cell(column) for column in self.names if column.startswith(prefix)]
            values = [f"{field}: {self.cell(prefix + field)}" for field in fields]
            items.append("{" + ", ".join([*values, f"said: coalesce({', '.join([*said, 'NULL::VARCHAR'])})"]) + "}")
        given = f"list_filter([{', '.join(items)}], lambda item: item.said IS NOT NULL)"
        return f"CASE WHEN {cell} = '[]' OR len({given}) > 0 THEN {given} END"

    def is_open(self, name):
        return f"{self.cell(f'{name}.complete')} IN ('false', 'no')"


def facts(plain, cells=None):
    """The columns of the first step: values, with null for whatever is not known or does not settle anything."""
    made = []

    def add(path, name, kind):
        kind, _, unclear = kind.partition(" -")
        kind, _, more = kind.partition(" ")
        whole = path.replace('"', "")
        if cells:
            path = cells.cell(whole)
        text = path if plain else f"bare({path})"

        def beside(key):
            """What stands beside the value, as text; null where there is nothing."""
            if cells:
                return cells.cell(f"{whole}.{key}")
            return "NULL::VARCHAR" if plain else f"CASE WHEN starts_with({path}, '{{') THEN {path}->>'$.{key}' END"

        if more == "dated":
            made.append(f"{beside('date')} AS {name}_dated")
        if more == "signed":
            made.append(f"{beside('by')} IS NOT NULL AND {beside('date')} IS NOT NULL AS {name}_signed")
        if cells and kind == "list":
            made.append(f"{cells.items(whole, ITEMS[name])} AS {name}")
            made.append(f"{cells.is_open(whole)} AS {name}_open")
            return
        if kind == "list":
            items = ITEMS[name]
            shape = '["VARCHAR"]' if items == "VARCHAR" else "[{" + ",".join(f'"{field}":"VARCHAR"' for field in items) + "}]"
            made.append(f"{path} AS {name}" if plain else f"from_json(bare({path}), '{shape}') AS {name}")
            is_open = "false" if plain else f"CASE WHEN starts_with({path}, '{{') THEN {path}->>'$.complete' = 'false' END"
            made.append(f"{is_open} AS {name}_open")
        elif kind == "code":
            made.append(f"nullif({text}, '{unclear}') AS {name}" if unclear else f"{text} AS {name}")
        elif kind == "boolean":
            made.append(f"{path if plain else f'CAST({text} AS BOOLEAN)'} AS {name}")
        elif kind in ("integer", "number"):
            low, high = (path, path) if plain else (f"low_of({text})", f"high_of({text})")
            low, high = (f"ceil({low})", f"floor({high})") if kind == "integer" and not plain else (low, high)
            made.extend([f"{low} AS {name}_low", f"{high} AS {name}_high"])
        else:
            made.append(f"{text} AS {name}")

    for name, kind in FACTS.items():
        if isinstance(kind, dict):
            for part, kind_of_part in kind.items():
                add(f'{name}."{part}"', f"{name}_{part}", kind_of_part)
        else:
            add(name, name, kind)
    return ",\n        ".join(made)


# Each condition says what lets a candidate in: an exclusion is negated. A null is an unknown.
# No `IN` has five values or more: DuckDB makes a join of such a one, and a join loses the order of the list.
STEPS = """
facts AS (
    SELECT candidate, screened_on,
        {facts}
    FROM records
),
flow AS (
    SELECT *,
        -- The results that are certainly by flow in marrow or blood; one that may be is a result like any other, but outdates none.
        list_filter(cd22, lambda c: c.method = 'flow' AND c.specimen IN ('bone_marrow', 'peripheral_blood')) AS sure_flow
    FROM facts
),
dated AS (
    SELECT *, list_max(list_transform(sure_flow, lambda c: first_day(c.date))) AS newest_day FROM flow
),
latest AS (
    SELECT *,
        list_filter(cd22, lambda c: coalesce(c.method = 'flow' AND c.specimen IN ('bone_marrow', 'peripheral_blood'), true)
            AND coalesce(last_day_of(c.date) >= newest_day, true)) AS latest
    FROM dated
),
by_specimen AS (
    SELECT *,
        list_filter(sure_flow, lambda c: c.specimen = 'bone_marrow') AS sure_marrow,
        list_filter(sure_flow, lambda c: c.specimen = 'peripheral_blood') AS sure_blood,
        list_filter(cd22, lambda c: coalesce(c.method = 'flow' AND c.specimen = 'bone_marrow', true)) AS maybe_marrow,
        list_filter(cd22, lambda c: coalesce(c.method = 'flow' AND c.specimen = 'peripheral_blood', true)) AS maybe_blood
    FROM latest
),
newest AS (
    SELECT *,
        list_max(list_transform(sure_marrow, lambda c: first_day(c.date))) AS marrow_day,
        list_max(list_transform(sure_blood, lambda c: first_day(c.date))) AS blood_day,
        list_filter(maybe_marrow, lambda c: coalesce(last_day_of(c.date) >= marrow_day, true)) AS newest_marrow,
        list_filter(maybe_blood, lambda c: coalesce(last_day_of(c.date) >= blood_day, true)) AS newest_blood
    FROM by_specimen
),
specimens AS (
    SELECT *,
        -- The days on which the newest of each may have been taken; none where one of them has no date.
        CASE WHEN len(sure_marrow) > 0 AND len(list_filter(newest_marrow, lambda c: c.date IS NULL)) = 0 THEN newest_marrow END AS dated_marrow,
        CASE WHEN len(sure_blood) > 0 AND len(list_filter(newest_blood, lambda c: c.date IS NULL)) = 0 THEN newest_blood END AS dated_blood,
        list_min(list_transform(dated_marrow, lambda c: first_day(c.date))) AS marrow_from,
        list_max(list_transform(dated_marrow, lambda c: last_day_of(c.date))) AS marrow_to,
        list_min(list_transform(dated_blood, lambda c: first_day(c.date))) AS blood_from,
        list_max(list_transform(dated_blood, lambda c: last_day_of(c.date))) AS blood_to,
        -- Whether the other specimen has a sample more than 28 days newer.
        CASE
            WHEN len(list_filter(sure_blood, lambda c: long_before(marrow_to, first_day(c.date)))) > 0 THEN true
            WHEN len(list_filter(maybe_blood, lambda c: coalesce(long_before(marrow_from, last_day_of(c.date)), true))) = 0 THEN false
            END AS marrow_outdated,
        CASE
            WHEN len(list_filter(sure_marrow, lambda c: long_before(blood_to, first_day(c.date)))) > 0 THEN true
            WHEN len(list_filter(maybe_marrow, lambda c: coalesce(long_before(blood_from, last_day_of(c.date)), true))) = 0 THEN false
            END AS blood_outdated,
        CASE
            WHEN len(maybe_marrow) = 0 THEN false
            WHEN len(sure_marrow) = 0 THEN NULL
            WHEN len(list_filter(newest_marrow, lambda c: c.result IN ('positive', 'dim', 'partial'))) = len(newest_marrow) THEN true
            WHEN len(list_filter(newest_marrow, lambda c: c.result = 'negative')) = len(newest_marrow) THEN false
            END AND NOT marrow_outdated AS marrow_positive,
        CASE
            WHEN len(maybe_blood) = 0 THEN false
            WHEN len(sure_blood) = 0 THEN NULL
            WHEN len(list_filter(newest_blood, lambda c: c.result IN ('positive', 'dim', 'partial'))) = len(newest_blood) THEN true
            WHEN len(list_filter(newest_blood, lambda c: c.result = 'negative')) = len(newest_blood) THEN false
            END AND NOT blood_outdated AS blood_positive
    FROM newest
),
terms AS (
    SELECT *,
        len(sure_flow) > 0 AND NOT coalesce(cd22_open, false) AS any_flow,
        CASE
            WHEN len(list_filter(latest, lambda c: c.result IN ('positive', 'dim', 'partial'))) = len(latest) THEN true
            WHEN len(list_filter(latest, lambda c: c.result = 'negative')) = len(latest) THEN false
            END AS newest_positive,
        marrow_positive OR blood_positive AS either_positive,
        -- Those that may be the newest and state no share of the blasts: only a result that may
        -- be newer than they are counts by its own.
        list_filter(latest, lambda c: c.percent_of_blasts IS NULL) AS unshared,
        CASE WHEN len(list_filter(unshared, lambda c: c.date IS NULL)) = 0
            THEN list_max(list_transform(unshared, lambda c: first_day(c.date))) END AS unshared_from,
        -- What is or may be a positive result, and may not come after the last drug.
        last_cd22_therapy_drug IS DISTINCT FROM 'none'
            AND len(list_filter(sure_flow, lambda c: c.result IN ('positive', 'dim', 'partial'))) > 0
            AND len(list_filter(cd22, lambda c:
                coalesce(c.method = 'flow' AND c.specimen IN ('bone_marrow', 'peripheral_blood') AND c.result != 'negative', true)
                AND coalesce(first_day(c.date) > last_day_of(last_cd22_therapy_given_on), true))) = 0 AS cd22_before_drug,
        relapse_type NOT IN ('none', 'mrd_persisting') AS relapsed,
        -- Of measurements: whether they lie before the relapse, may belong to its month, may be later.
        coalesce(mrd_date, mrd_result_dated) AS mrd_day,
        coalesce(last_day_of(marrow_blasts_dated) < first_day(relapse_found_on), false) AS marrow_before,
        coalesce(last_day_of(mrd_day) < first_day(relapse_found_on), false) AS mrd_before,
        left(last_day_of(marrow_blasts_dated), 7) > left(first_day(relapse_found_on), 7) AS marrow_later,
        left(last_day_of(mrd_day), 7) > left(first_day(relapse_found_on), 7) AS mrd_later,
        NOT marrow_before AND (marrow_blasts_dated IS NULL OR relapse_found_on IS NULL
            OR left(first_day(marrow_blasts_dated), 7) <= left(last_day_of(relapse_found_on), 7)
                AND left(last_day_of(marrow_blasts_dated), 7) >= left(first_day(relapse_found_on), 7)) AS marrow_of_relapse,
        NOT mrd_before AND (mrd_day IS NULL OR relapse_found_on IS NULL
            OR left(first_day(mrd_day), 7) <= left(last_day_of(relapse_found_on), 7)
                AND left(last_day_of(mrd_day), 7) >= left(first_day(relapse_found_on), 7)) AS mrd_of_relapse,
        coalesce(last_day_of(marrow_blasts_dated) < first_day(remission_reached_on), false) AS marrow_before_remission,
        coalesce(last_day_of(mrd_day) < first_day(remission_reached_on), false) AS mrd_before_remission,
        -- Before the first menstruation: T-F-null, and whether it may be.
        CASE
            WHEN age_high < 8 OR CAST(first_day(birth_date) AS DATE) + INTERVAL 8 YEARS > screened_on THEN true
            WHEN age_low >= 8 AND CAST(last_day_of(birth_date) AS DATE) + INTERVAL 8 YEARS <= screened_on THEN false END AS below_eight,
        CASE WHEN pregnancy = 'not_possible' THEN below_eight ELSE pregnancy = 'premenarchal' END AS premenarchal,
        premenarchal OR pregnancy = 'not_possible' AND CAST(last_day_of(birth_date) AS DATE) + INTERVAL 8 YEARS > screened_on AS perhaps_premenarchal,
        NOT remission_achieved AS never,
        relapsed OR relapse_type = 'mrd_persisting' AS relapsed_or_mrd,
        remission_achieved AND relapse_type = 'mrd_persisting' AS mrd_never_negative,
        found(remission_by, remission_by_open,
            len(list_filter(remission_by, lambda b: b IN ('chemotherapy', 'autologous_sct'))),
            len(list_filter(remission_by, lambda b: b IS NULL OR b = 'unknown'))) AS by_named_means,
        at_least(courses_without_remission_low, courses_without_remission_high, 3) AS three_courses,
        at_least(courses_without_remission_low, courses_without_remission_high, 2) AS two_courses,
        at_least(courses_mrd_positive_low, courses_mrd_positive_high, 3) AS three_courses_mrd,
        at_least(courses_mrd_positive_low, courses_mrd_positive_high, 2) AS two_courses_mrd,
        reached(screened_on, '3 months') AS three_months,
        CASE WHEN estimated_survival[1] != '<' THEN reached(screened_on, split_part(estimated_survival, '..', 1)) END AS survival_low,
        CASE WHEN estimated_survival[1] != '>' THEN reached(screened_on, split_part(estimated_survival, '..', -1)) END AS survival_high
    FROM specimens
),
parts AS (
    SELECT *,
        len(extramedullary_sites) >= 1 AS sites,
        unless(
            relapse_type IN ('marrow', 'combined') AND marrow_blasts_low < 5 AND marrow_of_relapse
            OR relapse_type IN ('mrd', 'extramedullary', 'mrd_and_extramedullary') AND marrow_blasts_high > 5 AND marrow_of_relapse
            OR NOT relapsed AND remission_achieved AND marrow_blasts_high >= 5 AND NOT marrow_before_remission
            OR relapse_type IN ('mrd', 'mrd_and_extramedullary') AND mrd_result IN ('negative', 'below_limit') AND mrd_of_relapse
            OR relapse_type = 'mrd_persisting' AND mrd_result IN ('negative', 'below_limit')
            OR relapse_type = 'none' AND remission_achieved AND mrd_result IN ('positive', 'below_limit') AND NOT mrd_before_remission
            OR NOT relapsed AND remission_achieved AND sites
            OR first_day(relapse_found_on) < last_day_of(remission_reached_on),
            doubted(
                mrd_result IN ('negative', 'below_limit') AND mrd_later AND NOT coalesce(sites, false) AND coalesce(assessable_lesions_low < 1, true)
                    AND CASE WHEN relapse_type IN ('mrd', 'mrd_and_extramedullary') THEN coalesce(marrow_blasts_low < 5, true)
                        ELSE relapsed AND marrow_blasts_low < 5 AND marrow_later END
                OR relapse_type IN ('marrow', 'combined') AND marrow_blasts_low <= 5 AND marrow_blasts_high >= 5 AND marrow_of_relapse,
                agreed4(
                    remission_achieved AND by_named_means AND relapsed,
                    remission_achieved AND relapsed,
                    remission_achieved AND by_named_means AND relapsed_or_mrd,
                    remission_achieved AND relapsed_or_mrd))) AS I1a,
        agreed4(
            never AND three_courses,
            never AND two_courses,
            never AND three_courses OR mrd_never_negative AND three_courses_mrd,
            never AND two_courses OR mrd_never_negative AND two_courses_mrd) AS I1b,
        never AND risk_group = 'high' AND at_least(courses_without_remission_low, courses_without_remission_high, 1)
            AND at_most(courses_without_remission_low, courses_without_remission_high, 2) AND NOT suitable_for_reintensive_therapy AS I1c,
        CASE WHEN relapse_type != 'place_unstated' THEN relapse_type IN ('extramedullary', 'mrd_and_extramedullary') END AS I3_applies,
        at_least(assessable_lesions_low, assessable_lesions_high, 1) AS lesion,
        unless(
            hepatitis_hbv_dna = 'not_detected' AND hepatitis_hbv_load_high > 0
            OR hepatitis_hbv_dna = 'detected' AND hepatitis_hbv_load_low < 20
            OR hepatitis_hbv_dna = 'detected_below_lloq' AND (hepatitis_hbv_load_high >= 20 OR hepatitis_hbv_load_low <= 0),
            agreed2(
                coalesce(hepatitis_hbv_dna = 'detected', at_least(hepatitis_hbv_load_low, hepatitis_hbv_load_high, 20)),
                coalesce(hepatitis_hbv_dna != 'not_detected', CASE WHEN hepatitis_hbv_load_low > 0 THEN true WHEN hepatitis_hbv_load_high <= 0 THEN false END)
            )) AS E6a,
        agreed2(hepatitis_hcv_rna = 'detected', hepatitis_hcv_rna != 'not_detected') AS E6b,
        nullif(hiv_status, 'reactive_unconfirmed') AS hiv_stated,
        nullif(syphilis_status, 'unconfirmed') AS syphilis_stated,
        unless(
            hiv_status = 'negative' AND (hiv_nucleic_acid = 'detected' OR hiv_antigen_antibody = 'reactive')
            OR hiv_status = 'reactive_unconfirmed' AND hiv_antigen_antibody = 'non_reactive'
            OR hiv_status IS NULL AND hiv_antigen_antibody = 'non_reactive' AND hiv_nucleic_acid = 'detected'
            OR hiv_status = 'infected' AND hiv_antigen_antibody = 'non_reactive',
            coalesce(hiv_stated = 'infected', hiv_antigen_antibody = 'reactive'
                AND CASE WHEN hiv_nucleic_acid = 'detected' AND prior_gene_therapy IS DISTINCT FROM 'lentiviral_car_t' THEN true END)) AS E7a,
        syphilis_treponemal = 'reactive' AND CASE WHEN syphilis_nontreponemal = 'reactive' THEN true END AS syphilis_by_tests,
        unless(
            syphilis_status = 'negative' AND (syphilis_treponemal = 'reactive' OR syphilis_nontreponemal = 'reactive')
            OR syphilis_status IS NOT NULL AND syphilis_status != 'negative' AND syphilis_treponemal = 'non_reactive'
            OR syphilis_status IS NULL AND syphilis_treponemal = 'non_reactive' AND syphilis_nontreponemal = 'reactive',
            agreed2(
                coalesce(syphilis_stated = 'active', syphilis_by_tests),
                coalesce(syphilis_stated IN ('active', 'treated'), syphilis_by_tests))) AS E7b,
        sex != 'male' AS E9_for_sex,
        pregnancy NOT IN ('not_possible', 'premenarchal', 'postmenopausal', 'hysterectomy') AS E9c_applies,
        CASE
            WHEN NOT E9c_applies AND plans_pregnancy THEN NULL
            WHEN E9c_applies THEN plans_pregnancy
            WHEN NOT E9c_applies OR NOT plans_pregnancy THEN false END AS E9c,
        unless(lactating AND perhaps_premenarchal, lactating AND NOT coalesce(premenarchal, false)) AS E9b,
        coalesce(sex = 'male' AND (pregnancy = 'pregnant' OR lactating), false) AS E9_conflict,
        E9_conflict OR E9_for_sex AS E9_applies,
        NOT (pregnancy = 'pregnant' OR E9b OR E9c) AS E9_asked
    FROM terms
),
criteria AS (
    SELECT candidate, I3_applies, E9_applies,
        unless(
            never AND relapse_type != 'none'
            OR never AND len(remission_by) >= 1
            OR never AND remission_reached_on IS NOT NULL,
            agreed2(
                diagnosis = 'b_all',
                diagnosis = 'b_all' OR diagnosis IN ('mixed_phenotype', 'b_lymphoblastic_lymphoma', 'cml_lymphoid_blast_crisis', 'burkitt'))
                AND (I1a OR I1b OR I1c)) AS I1,
        CASE
            WHEN NOT any_flow THEN NULL
            WHEN newest_positive AND either_positive THEN doubted(cd22_before_drug, true)
            WHEN NOT newest_positive AND NOT either_positive
            THEN unless(len(list_filter(latest, lambda c: high_of(c.percent_of_blasts) >= 20
                AND (len(unshared) = 0 OR c.method IS NOT NULL AND c.specimen IS NOT NULL AND last_day_of(c.date) > unshared_from))) > 0, false) END AS I2,
        CASE
            WHEN I3_applies AND marrow_blasts_high >= 5 AND assessable_lesions_low < 1 AND NOT marrow_before THEN NULL
            WHEN NOT I3_applies OR lesion THEN true
            WHEN I3_applies THEN lesion END AS I3,
        at_most(ecog_low, ecog_high, 2) AS I4,
        CASE
            WHEN survival_low > three_months OR survival_low = three_months AND estimated_survival[1] = '>' AND estimated_survival[2] != '='
            THEN true
            WHEN survival_high <= three_months THEN false END AS I5,
        consent = 'signed' AS I6,
        doubted(NOT cardiac_serious_insufficiency_signed AND (cardiac_lvef_low < 40 OR cardiac_nyha_high >= 3), NOT cardiac_serious_insufficiency) AS E1,
        doubted(NOT lung_severe_impairment_history_signed AND lung_spo2_low < 90, NOT lung_severe_impairment_history) AS E2,
        NOT agreed2(
            found(other_malignancies, other_malignancies_open, len(other_malignancies), 0),
            found(other_malignancies, other_malignancies_open,
                len(list_filter(other_malignancies, lambda m: m.status = 'active')),
                len(list_filter(other_malignancies, lambda m: m.status IS NULL)))) AS E3,
        NOT agreed4(
            (infection_serious OR infection_persistent) AND infection_status = 'uncontrolled',
            (infection_serious OR infection_persistent) AND infection_status IN ('uncontrolled', 'neutropenic_fever'),
            (infection_serious OR infection_persistent) AND infection_status = 'uncontrolled' OR infection_serious AND infection_status = 'controlled',
            (infection_serious OR infection_persistent) AND infection_status IN ('uncontrolled', 'neutropenic_fever')
                OR infection_serious AND infection_status = 'controlled') AS E4_asked,
        unless(infection_status = 'none' AND (infection_serious OR infection_persistent), E4_asked) AS E4,
        NOT (agreed2(autoimmune_status = 'severe', autoimmune_status IN ('severe', 'gvhd')) OR immunodeficiency) AS E5,
        NOT (E6a OR E6b) AS E6,
        NOT (E7a OR E7b) AS E7,
        -- Severe, and of either class: two questions, one pass.
        NOT found(allergies, allergies_open,
            len(list_filter(allergies, lambda a: a.severity = 'severe' AND a.class IN ('biological', 'antibiotic'))),
            len(list_filter(allergies, lambda a: (a.severity = 'severe' AND a.class IN ('biological', 'antibiotic')) IS NULL))) AS E8,
        CASE
            WHEN E9_conflict THEN NULL
            WHEN NOT E9_applies OR E9_asked THEN true
            WHEN E9_applies THEN E9_asked END AS E9,
        NOT (investigator_concern
            OR agreed2(serious_mental_illness, serious_mental_illness AND investigator_concern)
            OR agreed2(substance_abuse, substance_abuse AND investigator_concern)
            OR agreed4(
                addiction = 'present',
                addiction != 'none',
                addiction = 'present' AND investigator_concern,
                addiction != 'none' AND investigator_concern)) AS E10
    FROM parts
)
"""

CRITERIA = [f"I{n}" for n in range(1, 7)] + [f"E{n}" for n in range(1, 11)]


def query(source, plain, line=False, cells=None):
    """The whole of it: one row a candidate, in the order of the list."""
    if cells:
        records = f"SELECT * REPLACE (CAST(screened_on AS DATE) AS screened_on) FROM read_csv('{source}', header = true, delim = ',', quote = '\"', all_varchar = true)"
    else:
        records = f"FROM read_json('{source}', format = 'newline_delimited', columns = {columns(plain)})"

    def verdict(criterion):
        if criterion in ("I3", "E9"):
            return f"{criterion}: word_where({criterion}_applies, {criterion})"
        return f"{criterion}: word({criterion})"

    return f"""
WITH records AS ({records}),
{STEPS.replace("{facts}", facts(plain, cells))}
SELECT {"row_number() OVER () AS line, " if line else ""}candidate,
    CASE WHEN {" AND ".join(CRITERIA)} THEN 'eligible' WHEN NOT ({" AND ".join(CRITERIA)}) THEN 'ineligible' ELSE 'undetermined' END AS eligibility,
    {{{", ".join(verdict(criterion) for criterion in CRITERIA)}}} AS verdicts
FROM criteria
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", required=True, help="the list, one JSON record a line")
    parser.add_argument("--output", required=True, help="where the verdicts go, one JSON row a line")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plain", action="store_true", help="the list was made with `generate --plain`: read it into typed columns")
    parser.add_argument("--csv", action="store_true", help="the list is a table, as `generate --format csv` writes it")
    parser.add_argument("--line", action="store_true", help="number the rows; DuckDB numbers on one thread only")
    parser.add_argument("--explain", action="store_true", help="say where the time went, too")
    options = parser.parse_args()
    if duckdb.__version__ != WRITTEN_FOR:
        print(f"written for DuckDB {WRITTEN_FOR}, this is {duckdb.__version__}", file=sys.stderr)

    connection = duckdb.connect(config={"threads": options.threads})
    connection.execute(MACROS)
    if options.explain:
        connection.execute("PRAGMA enable_profiling = 'query_tree'")

    def quote(path):
        return path.replace("'", "''")

    started = time.perf_counter()
    cells = Cells(options.input) if options.csv else None
    rows_wanted = query(quote(options.input), options.plain and not cells, options.line, cells)
    (rows,) = connection.execute(f"COPY ({rows_wanted}) TO '{quote(options.output)}' (FORMAT json)").fetchone()
    elapsed = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"DuckDB {duckdb.__version__}, {options.threads} threads: {rows} rows in {elapsed:.3f} s, peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
