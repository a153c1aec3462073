"""One import from its file to its report. It can be killed at any moment and goes on where it was.

Reading: records flow from the stored file into import rows, a batch a transaction, and the database groups them by handle:
rows of one product are usually together, but not always. Writing: products flow from there into the catalogue, a batch a
transaction, with the progress in the same one. Neither holds more than a batch.
"""

import csv
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from uuid import UUID

import orjson
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from noirel.backoffice.files import read_parts
from noirel.backoffice.imports.cells import unescape_code, unescape_formula
from noirel.backoffice.imports.columns import CLASSIC_HEADERS, read_header
from noirel.backoffice.imports.drafting import parse_product
from noirel.backoffice.imports.drafts import Finding, ProductDraft
from noirel.backoffice.imports.importer import Importer
from noirel.backoffice.imports.plans import Plan
from noirel.backoffice.imports.reading import records
from noirel.backoffice.imports.rows import Row
from noirel.backoffice.models import Import, ImportFinding, ImportProduct, ImportRow
from noirel.catalog.models import Product
from noirel.core import audit_log, jobs
from noirel.core.db import locks
from noirel.core.domain.errors import ShopError
from noirel.core.slugs import as_slug, slugify
from noirel.core.viewer import Viewer

READ_ROWS = 2000  # a batch of reading
WRITE_PRODUCTS, WRITE_ROWS, WRITE_CHARACTERS = 400, 1500, 4_000_000  # a batch of writing ends at the first of these
MAX_ROWS = 5000  # of one product
MAX_FINDINGS = 200_000
log = logging.getLogger("noirel.imports")


class Stopped(Exception):
    """Staff cancelled it."""


class Interrupted(Exception):
    """This process is to end; the run is not."""


def run(import_id: UUID, *, actor: Viewer) -> None:
    """Take the import to its end, or to where this process is asked to stop. Nobody else can work on it meanwhile."""
    with locks.session_lock(f"import:{import_id}", wait_ms=0) as is_ours:
        job = Import.objects.select_related("file").get(pk=import_id)
        if not is_ours or job.status not in {Import.Status.QUEUED, Import.Status.RUNNING}:
            return
        if job.status == Import.Status.QUEUED:
            job.status, job.started_at = Import.Status.RUNNING, timezone.now()
            job.save(update_fields=["status", "started_at"])
        try:
            _Run(job, actor).run()
        except Interrupted:
            return
        except Stopped:
            _finish(job, Import.Status.CANCELLED, actor)
        except DatabaseError as error:
            if _is_transient(error):
                raise  # the run goes on when the database is back
            log.exception("import %s failed", job.pk)
            _finish(job, Import.Status.FAILED, actor, str(error).split("\n", maxsplit=1)[0])
        except csv.Error as error:
            _finish(
                job, Import.Status.FAILED, actor, f"After row {job.rows_read}: {error}. Is there a quote that nobody closed?"
            )
        except Exception as error:
            log.exception("import %s failed", job.pk)
            _finish(job, Import.Status.FAILED, actor, f"{type(error).__name__}: {error}")
        else:
            _finish(job, Import.Status.DONE, actor)


def _is_transient(error: DatabaseError) -> bool:
    """A lost connection, a deadlock, a shutdown: nothing that the file is to blame for."""
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and (state is None or state[:2] in {"08", "40", "53", "55", "57"})


def _finish(job: Import, status: str, actor: Viewer, problem: str = "") -> None:
    with transaction.atomic():
        job.status, job.problem, job.finished_at = status, problem[:500], timezone.now()
        job.save(update_fields=["status", "problem", "finished_at"])
        audit_log.record(
            actor=actor, action=f"imports.{status}", target=f"import:{job.pk}", after={"file": job.file.name, **job.counts}
        )
    delete_rows(job.pk)


def delete_rows(import_id: UUID) -> None:
    """The rows of a file that is done with."""
    for model in (ImportRow, ImportProduct):
        model.objects.filter(import_id=import_id).delete()


class _Run:
    def __init__(self, job: Import, actor: Viewer) -> None:
        self.job = job
        self.header = read_header(job.header)
        self.importer = Importer(
            currency=job.currency,
            actor=actor,
            tax_rate_bps=job.tax_rate_bps,
            first_rows=partial(_first_rows, job.pk),
            is_dry_run=job.is_dry_run,
        )
        # Plans products that the file already refuses, without writing anything.
        self.checker = replace(self.importer, is_dry_run=True)
        self.counts = Counter(job.counts)
        self.told = job.findings.count()

    def run(self) -> None:
        job = self.job
        # The rows are unlogged: a crash of the database takes them, and the file is read again.
        if job.phase == Import.Phase.READING or not ImportProduct.objects.filter(import_id=job.pk).exists():
            self._read()
            self._group()
        self._write()

    def _check(self) -> None:
        """Between two batches: are we still to go on?"""
        if jobs.stopping.is_set():
            raise Interrupted
        if Import.objects.filter(pk=self.job.pk, is_cancel_asked=True).exists():
            raise Stopped

    # -- reading

    def _read(self) -> None:
        job = self.job
        kept = ImportRow.objects.filter(import_id=job.pk).aggregate(last=Max("number"), count=Count("id"))
        there, job.rows_read = kept["last"] or 0, kept["count"]
        rows = records(partial(read_parts, job.file_id), job.encoding, job.delimiter)
        next(rows)  # the header
        wanted = (item for item in rows if item[0] > there)
        while batch := list(islice(wanted, READ_ROWS)):
            self._check()
            with transaction.atomic():
                self._stage(batch)
                job.rows_read += len(batch)
                job.save(update_fields=["rows_read"])

    def _stage(self, batch: Sequence[tuple[int, list[str]]]) -> None:
        places = {c.name: at for at, c in enumerate(self.header.columns) if c.meaning == "known"}

        def cell(cells: Sequence[str], name: str) -> str:
            at = places.get(name, len(cells))
            return cells[at].strip() if at < len(cells) else ""

        staged = []
        for number, raw in batch:
            cells = [text.replace("\x00", "") for text in raw]
            staged.append(
                (number, unescape_formula(cell(cells, "handle")) or slugify(unescape_formula(cell(cells, "title"))), cells)
            )
        slugs = _slugs({handle for _, handle, _ in staged})
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY backoffice_importrow (import_id, number, handle, slug, sku, problem, cells) FROM STDIN") as copy,
        ):
            for number, handle, cells in staged:
                extra = [text for text in cells[len(self.header.columns) :] if text and not text.isspace()]
                problem = f"{len(cells)} cells under {len(self.header.columns)} columns." if extra else ""
                sku = unescape_code(cell(cells, "sku"))[:500]
                copy.write_row((self.job.pk, number, handle[:500], slugs[handle], sku, problem, orjson.dumps(cells).decode()))

    def _group(self) -> None:
        job = self.job
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM backoffice_importproduct WHERE import_id = %s", [job.pk])
            cursor.execute(
                """
                INSERT INTO backoffice_importproduct (import_id, first_row, handle, slug, is_repeat, rows, characters)
                SELECT %s, first_row, handle, slug, slug <> '' AND row_number() OVER (PARTITION BY slug ORDER BY first_row) > 1,
                    rows, characters
                FROM (
                    SELECT handle, slug, min(number) AS first_row, count(*) AS rows, sum(length(cells)) AS characters
                    FROM backoffice_importrow WHERE import_id = %s GROUP BY handle, slug
                ) AS groups ORDER BY first_row
                """,
                [job.pk, job.pk],
            )
            job.phase, job.products_total = Import.Phase.WRITING, cursor.rowcount
            job.save(update_fields=["phase", "products_total"])
            if not job.last_row:
                self._save_findings(
                    Finding(0, column.header, "Not understood; left aside.", is_fatal=False)
                    if column.meaning == "unknown"
                    else Finding(0, column.header, "Another column says the same; the first one counts.", is_fatal=False)
                    for column in self.header.columns
                    if column.meaning in {"unknown", "repeated"}
                )

    # -- writing

    def _write(self) -> None:
        # The statistics of a table that has just been filled are those of an empty one.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE backoffice_importrow")
            cursor.execute("ANALYZE backoffice_importproduct")
        while groups := self._next_groups():
            self._check()
            drafts, refused = self._drafts(groups)
            try:
                with transaction.atomic():
                    self._record_progress(groups, self.importer.import_drafts(drafts), refused)
            except (ShopError, DatabaseError) as error:
                if isinstance(error, DatabaseError) and _is_transient(error):
                    raise
                # One of them can't be had: each for itself, so that it is one and not all of them.
                for group in groups:
                    self._write_alone(group, drafts, refused)

    def _write_alone(
        self, group: ImportProduct, drafts: Sequence[ProductDraft], refused: Sequence[tuple[ProductDraft, list[Finding]]]
    ) -> None:
        mine = [draft for draft in drafts if draft.handle == group.handle]
        theirs = [item for item in refused if item[0].handle == group.handle]
        self._on_rollback()
        try:
            with transaction.atomic():
                self._record_progress([group], self.importer.import_drafts(mine), theirs)
        except (ShopError, DatabaseError) as error:
            if isinstance(error, DatabaseError) and _is_transient(error):
                raise
            self._on_rollback()
            finding = Finding(group.first_row, "", str(error).splitlines()[0], group.handle)
            with transaction.atomic():
                self._record_progress([group], [], [(ProductDraft(group.first_row, group.handle, group.slug), [finding])])

    def _on_rollback(self) -> None:
        """After a transaction that was rolled back: what it wrote is not there."""
        self.importer.reset()
        self.job.refresh_from_db()
        self.counts, self.told = Counter(self.job.counts), self.job.findings.count()

    def _next_groups(self) -> list[ImportProduct]:
        found = ImportProduct.objects.filter(import_id=self.job.pk, first_row__gt=self.job.last_row).order_by("first_row")
        groups: list[ImportProduct] = []
        rows = characters = 0
        for group in found[:WRITE_PRODUCTS]:
            rows += group.rows
            characters += group.characters
            if groups and (rows > WRITE_ROWS or characters > WRITE_CHARACTERS):
                break
            groups.append(group)
        return groups

    def _drafts(self, groups: Sequence[ImportProduct]) -> tuple[list[ProductDraft], list[tuple[ProductDraft, list[Finding]]]]:
        """Those that can be brought in, and those that can't with the reasons."""
        good: list[ProductDraft] = []
        refused: list[tuple[ProductDraft, list[Finding]]] = []
        rows = self._rows(groups)
        for group in groups:
            draft, findings = self._draft(group, rows.get(group.handle, []))
            if any(finding.is_fatal for finding in findings):
                refused.append((draft, findings))
            else:
                draft.notes = findings
                good.append(draft)
        return good, self._with_all_findings(refused)

    def _with_all_findings(
        self, refused: Sequence[tuple[ProductDraft, list[Finding]]]
    ) -> list[tuple[ProductDraft, list[Finding]]]:
        """The same with what the catalogue says against them, too: everything to correct is reported at once.

        Of a cell that is wrong in itself nothing more is reported.
        """
        drafts = [draft for draft, _ in refused if draft.variants]
        self.checker.reset()
        plans = {plan.draft.row: plan for plan in self.checker.import_drafts(drafts)} if drafts else {}
        every: list[tuple[ProductDraft, list[Finding]]] = []
        for draft, findings in refused:
            known = {(finding.row, finding.column) for finding in findings}
            plan = plans.get(draft.row)
            more = [finding for finding in plan.findings if (finding.row, finding.column) not in known] if plan else []
            every.append((draft, [*findings, *more]))
        return every

    def _draft(self, group: ImportProduct, rows: list[tuple[Row, str]]) -> tuple[ProductDraft, list[Finding]]:
        nothing = ProductDraft(group.first_row, group.handle, group.slug)

        def because(row: int, name: str, message: str) -> tuple[ProductDraft, list[Finding]]:
            return nothing, [Finding(row, CLASSIC_HEADERS.get(name, name), message, group.handle)]

        if group.rows > MAX_ROWS:
            return because(group.first_row, "handle", f"{group.rows:,} rows; a product has at most {MAX_ROWS:,}.")
        if not group.handle:
            return nothing, [Finding(row.number, "Handle", _without_handle(row)) for row, _ in rows]
        if not group.slug:
            return because(group.first_row, "handle", "No letter or digit in it.")
        if group.is_repeat:
            return because(group.first_row, "handle", "Another handle makes the same address.")
        draft, findings = parse_product(group.handle, [row for row, _ in rows], slug=group.slug, currency=self.job.currency)
        findings += [Finding(row.number, "", problem, group.handle) for row, problem in rows if problem]
        return draft, findings

    def _rows(self, groups: Sequence[ImportProduct]) -> dict[str, list[tuple[Row, str]]]:
        handles = [group.handle for group in groups if group.rows <= MAX_ROWS]
        found = ImportRow.objects.filter(import_id=self.job.pk, handle__in=handles).order_by("number")
        rows: dict[str, list[tuple[Row, str]]] = {}
        for number, handle, problem, cells in found.values_list("number", "handle", "problem", "cells"):
            rows.setdefault(handle, []).append((Row(number, orjson.loads(cells), self.header), problem))
        return rows

    def _record_progress(
        self, groups: Sequence[ImportProduct], plans: Iterable[Plan], refused: Sequence[tuple[ProductDraft, list[Finding]]]
    ) -> None:
        """Write down, in the batch's own transaction, what became of it and how far we are."""
        job = self.job
        findings: list[Finding] = []
        counts = Counter(self.counts)
        for plan in plans:
            counts += plan.counts
            findings += plan.findings
        for _, why in refused:
            counts["products_refused"] += 1
            findings += why
        self._save_findings(sorted(findings, key=lambda finding: (finding.row, not finding.is_fatal)))
        job.counts = dict(counts)
        job.last_row, job.products_done = groups[-1].first_row, job.products_done + len(groups)
        job.save(update_fields=["counts", "last_row", "products_done"])
        self.counts = counts

    def _save_findings(self, findings: Iterable[Finding]) -> None:
        told = [
            ImportFinding(
                run=self.job,
                row=f.row,
                column=f.column[:200],
                handle=f.handle[:200],
                message=f.message[:1000],
                is_fatal=f.is_fatal,
            )
            for f in findings
        ]
        room = max(MAX_FINDINGS - self.told, 0)
        ImportFinding.objects.bulk_create(told[:room], batch_size=2000)
        self.told += len(told)


def _without_handle(row: Row) -> str:
    """What is wrong with a row that names no product."""
    if row.is_variant or row["image"]:
        return "The row has no handle. Each row of a further variant or image repeats the handle of its product."
    return "The row has neither a handle nor a title."


def _slugs(handles: Collection[str]) -> dict[str, str]:
    """The slug for each handle: the handle itself if it is a slug, or if a product from before this rule has it."""
    slugs = {handle: as_slug(handle) for handle in handles}
    changed = [handle for handle, slug in slugs.items() if slug != handle]
    existing = Product.objects.filter(slug__in=changed).values_list("slug", flat=True) if changed else ()
    return slugs | {slug: slug for slug in existing}


def _first_rows(import_id: UUID, skus: Collection[str]) -> Mapping[str, int]:
    rows = ImportRow.objects.filter(import_id=import_id, sku__in=skus).exclude(sku="").values("sku")
    return dict(rows.annotate(first=Min("number")).values_list("sku", "first"))
