"""What arithmetic on the evidence is made of: amounts, the question, the operands, the result and its wording."""
