"""IAM: what policy documents let a role do, and whom they let assume it.

Sources: IAM user guide, "Policy evaluation logic" and "IAM JSON policy element reference".
"""
