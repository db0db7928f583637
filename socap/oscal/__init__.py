"""OSCAL 1.2.1 (NIST) at the edge: what a standard and an assessment are to programs that speak it.

`catalog`, `profile`, `mapping_collection` and `assessment_results` make documents, `write` puts one
into JSON text, `read_catalog` and `read_results` take one back. OSCAL has one prose language: the
one asked for. The other one, and whatever OSCAL has no field for, stands in properties of the
namespace `identifiers.NAMESPACE`.

1.2.1 is the newest version that both NIST's JSON schemas and compliance-trestle 5 accept.

What OSCAL cannot hold, and is left out: rules that can be computed (their sentences are there),
the evidence catalogue, consistency rules, grading, scoring and scores, proofs, certificates.
"""
